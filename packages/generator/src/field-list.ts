import type { Column, ColumnType, Table } from './column.js';
import { camelCase, pluralOf, snakeCase } from './names.js';
import { refused } from './refused.js';

export type IdentityKind = 'assigned-by-legacy' | 'natural-key';

const FIELD = /^(?<name>[a-z][A-Za-z0-9]*):(?<type>[a-z]+)(?:\((?<length>\d{1,5})\))?(?<nullable>:nullable)?$/;
const HELP =
  'write name:type, several with commas, `:nullable` behind those that may be missing; types are text(40), text, smallint, ' +
  'integer, real, date, and code(5) for the id that people give';

/**
 * A table out of what a developer typed: `companyName:text(40), phone:text(24):nullable`. The columns have the names in snake case,
 * the table is the entity's plural. Throws `GENERATOR_REFUSED`.
 */
export function tableOfFields(entity: string, identity: IdentityKind, list: string): Table {
  const problems: string[] = [];
  const columns: Column[] = [];
  const codes: Column[] = [];
  for (const part of list.split(/,(?![^(]*\))/).map((text) => text.trim())) {
    const { name, type, length, nullable } = FIELD.exec(part)?.groups ?? {};
    const found = typeOf(type, length);
    if (name === undefined || found === undefined) {
      problems.push(`"${part}" is no field: ${HELP}.`);
      continue;
    }
    const column = { name: snakeCase(name), type: found, nullable: nullable !== undefined };
    (type === 'code' ? codes : columns).push(column);
  }
  const [code] = codes;
  if (identity === 'natural-key' && (codes.length !== 1 || code?.nullable !== false)) {
    problems.push(`A natural key is one field of type code, such as ${camelCase(entity)}Code:code(5).`);
  }
  if (identity === 'assigned-by-legacy' && codes.length > 0) {
    problems.push('A field of type code is a natural key, and legacy assigns the id: choose one of the two.');
  }
  if (problems.length > 0) throw refused(problems);
  const name = pluralOf(entity);
  return {
    name,
    key: code ?? { name: `${snakeCase(entity)}_id`, type: { kind: 'integer' }, nullable: false },
    keyConstraint: `${name}_pkey`,
    columns,
    leftOut: [],
    notes: [
      `Nobody has looked at legacy: its table is taken to be ${name}, its columns the fields in snake case (src/legacy).`,
    ],
  };
}

function typeOf(type: string | undefined, length: string | undefined): ColumnType | undefined {
  const maxLength = length === undefined ? undefined : Number(length);
  if (maxLength === 0) return undefined;
  if (type === 'text') return maxLength === undefined ? { kind: 'text' } : { kind: 'text', maxLength };
  if (type === 'code') return maxLength === undefined ? undefined : { kind: 'text', maxLength };
  if (maxLength !== undefined) return undefined;
  return type === 'smallint' || type === 'integer' || type === 'real' || type === 'date' ? { kind: type } : undefined;
}
