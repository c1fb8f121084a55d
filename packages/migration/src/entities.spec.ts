import { describe, expect, it } from '@jest/globals';
import { entities, entityNamed } from './index.js';

describe('what is being migrated', () => {
  it('is customers, products and orders at least, each behind what it refers to', () => {
    const names = entities.map(({ name }) => name);
    expect(names.slice(0, 3)).toEqual(['customer', 'product', 'order']);
    for (const { name, refersTo = [] } of entities) {
      expect(names.slice(0, names.indexOf(name) + 1)).toEqual(expect.arrayContaining([...refersTo]));
    }
  });

  it('is found by name', () => {
    expect(entityNamed('order').events.map(({ name }) => name)).toContain('northwind.order.v1.OrderPlaced');
  });

  it('says what there is when a name is unknown', () => {
    expect(() => entityNamed('nothing')).toThrow(
      'No entity "nothing" is being migrated; there are customer, product, order',
    );
  });

  it('can restate whatever V2 writes: else a key whose past cannot be processed waits for ever where no code can be mended', () => {
    const cannot = entities.filter(({ commands, restated }) => commands.length > 0 && restated === undefined);
    expect(cannot.map(({ name }) => name)).toEqual([]);
  });
});
