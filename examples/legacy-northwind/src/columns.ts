import { Refused } from './errors.js';

/** A value on its way into the database. Dates stay text: yyyy-mm-dd has neither time nor zone. */
export type Value = string | number | null;
export type JsonObject = Readonly<Record<string, unknown>>;

export interface Column {
  /** Name in JSON; in the database the same in snake case. */
  readonly field: string;
  readonly column: string;
  /** Checks a value of the request's body that is there. Throws `Refused` 400. */
  read(value: unknown): Value;
  readonly required: boolean;
}

export function required(column: Column): Column {
  return { ...column, required: true };
}

export function text(field: string, maxLength = Number.POSITIVE_INFINITY): Column {
  return column(field, (value) => {
    if (typeof value !== 'string') throw wrong(field, 'must be text');
    if ([...value].length > maxLength) throw wrong(field, `must not be longer than ${maxLength} characters`);
    return value;
  });
}

/** A code that people give; kept in capitals whatever they type. */
export function code(field: string, maxLength: number): Column {
  const plain = text(field, maxLength);
  return column(field, (value) => {
    const kept = typeof value === 'string' ? canonicalCode(value) : value;
    if (kept === '') throw wrong(field, 'must not be empty');
    return plain.read(kept);
  });
}

export function canonicalCode(value: string): string {
  return value.trim().toUpperCase();
}

interface Range {
  readonly min?: number;
  readonly max?: number;
}

export function smallint(field: string, range: Range = {}): Column {
  return column(field, (value) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) throw wrong(field, 'must be a whole number');
    // One that is too large for a smallint is left to the database to refuse.
    return within(field, value, range);
  });
}

export function flag(field: string): Column {
  return column(field, (value) => {
    if (value !== 0 && value !== 1) throw wrong(field, 'must be 0 or 1');
    return value;
  });
}

export function real(field: string, range: Range = {}): Column {
  return column(field, (value) => {
    if (typeof value !== 'number') throw wrong(field, 'must be a number');
    return within(field, value, range);
  });
}

export function date(field: string): Column {
  return column(field, (value) => {
    if (typeof value !== 'string' || !isDate(value)) throw wrong(field, 'must be a date, yyyy-mm-dd');
    return value;
  });
}

/** The columns' values out of a body, in order. What is missing is null; what is unknown is passed over. */
export function readBody(columns: readonly Column[], body: unknown): Value[] {
  const object = asObject(body, 'The request body');
  return columns.map(({ field, read, required }) => {
    const value = object[field] ?? null;
    if (value !== null) return read(value);
    if (required) throw wrong(field, 'is required');
    return null;
  });
}

export function asObject(value: unknown, name: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Refused(400, `${name} must be a JSON object.`);
  }
  return value as JsonObject;
}

/** SQL that makes the JSON of a row: `json_build_object('CustomerID', t.customer_id, …)`. */
export function rowJson(alias: string, columns: readonly Column[], more = ''): string {
  const parts = columns.map(({ field, column }) => `'${field}', ${alias}.${column}`);
  return `json_build_object(${parts.join(', ')}${more})`;
}

function column(field: string, read: (value: unknown) => Value): Column {
  return { field, column: snakeCase(field), read, required: false };
}

/** `ShipPostalCode` -> `ship_postal_code`, `CustomerID` -> `customer_id` */
function snakeCase(field: string): string {
  return field
    .replace(/ID$/, 'Id')
    .replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`)
    .toLowerCase();
}

function within(field: string, value: number, { min, max }: Range): number {
  if (min !== undefined && value < min) throw wrong(field, `must not be below ${min}`);
  if (max !== undefined && value > max) throw wrong(field, `must not be above ${max}`);
  return value;
}

function isDate(value: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(value)) return false;
  const time = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value);
}

function wrong(field: string, problem: string): Refused {
  return new Refused(400, `${field} ${problem}.`);
}
