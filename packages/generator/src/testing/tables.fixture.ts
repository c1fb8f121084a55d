import type { Table } from '../column.js';
import { type EntityModel, entityModel } from '../entity-model.js';

/** A table with every type there is, each as one that may be missing and one that may not. */
export const everyType: Table = {
  name: 'everythings',
  key: { name: 'everything_id', type: { kind: 'integer' }, nullable: false },
  keyConstraint: 'pk_everythings',
  columns: (
    [
      { kind: 'text', maxLength: 40 },
      { kind: 'text' },
      { kind: 'smallint' },
      { kind: 'integer' },
      { kind: 'real' },
      { kind: 'date' },
    ] as const
  ).flatMap((type, index) => [
    { name: `given_${index}`, type, nullable: false },
    { name: `order_${index}`, type, nullable: true },
  ]),
  leftOut: ['Picture_1'],
  notes: [],
};

const domain = 'northwind';

export const numbered: EntityModel = entityModel(
  { entity: 'everything', domain, identity: 'assigned-by-legacy' },
  everyType,
);

export const named: EntityModel = entityModel(
  { entity: 'territory', domain, identity: 'natural-key' },
  {
    ...everyType,
    name: 'territories',
    key: { name: 'territory_id', type: { kind: 'text', maxLength: 20 }, nullable: false },
  },
);
