import { asReal, LegacyRefused } from '@banyan/transformer';
import { databaseError, refused } from './answers.js';

/** How legacy's API reads one field of a body. */
export interface Column<V = unknown> {
  /** Checks a value that is there. Throws `LegacyRefused`. */
  read(value: unknown, field: string): V;
  /** What the database would say of a value that was read; undefined = it takes it. */
  complaint(value: V): string | undefined;
  readonly required: boolean;
}

export type Columns = Readonly<Record<string, Column>>;
export type Values<C extends Columns> = { readonly [F in keyof C]: C[F] extends Column<infer V> ? V : never };

/** A column that may be left out: null then. */
type Optional<V> = Column<V | null>;

export function required<V>(column: Optional<V>): Column<V> {
  return { ...column, required: true } as Column<V>;
}

export function text(maxLength = Number.POSITIVE_INFINITY): Optional<string> {
  return column((value, field) => readText(value, field, maxLength), nulByte);
}

/** A code that people give; kept in capitals whatever they type. */
export function code(maxLength: number): Optional<string> {
  return column((value, field) => {
    const kept = typeof value === 'string' ? value.trim().toUpperCase() : value;
    if (kept === '') throw wrong(field, 'must not be empty');
    return readText(kept, field, maxLength);
  }, nulByte);
}

interface Range {
  readonly min?: number;
  readonly max?: number;
}

export function smallint(range: Range = {}): Optional<number> {
  return wholeNumber('smallint', 32767, range);
}

export function integer(range: Range = {}): Optional<number> {
  return wholeNumber('integer', 2147483647, range);
}

export function flag(): Optional<0 | 1> {
  return column((value, field) => {
    if (value !== 0 && value !== 1) throw wrong(field, 'must be 0 or 1');
    return value;
  });
}

/** The number that legacy's column would keep of the one that is given. */
export function real(range: Range = {}): Optional<number> {
  return column(
    (value, field) => {
      if (typeof value !== 'number') throw wrong(field, 'must be a number');
      within(field, value, range);
      return Number.isFinite(asReal(value)) ? asReal(value) : value;
    },
    (value) => (Number.isFinite(asReal(value)) ? undefined : `"${value}" is out of range for type real`),
  );
}

export function date(): Optional<string> {
  return column((value, field) => {
    if (typeof value !== 'string' || !isDate(value)) throw wrong(field, 'must be a date, yyyy-mm-dd');
    return value;
  });
}

/** The fields out of an object: what is missing is null, what is unknown is passed over. Throws `LegacyRefused`. */
export function readFields<C extends Columns>(columns: C, object: Readonly<Record<string, unknown>>): Values<C> {
  const values = Object.entries(columns).map(([field, { read, required }]): [string, unknown] => {
    const value = object[field] ?? null;
    if (value !== null) return [field, read(value, field)];
    if (required) throw wrong(field, 'is required');
    return [field, null];
  });
  return Object.fromEntries(values) as Values<C>;
}

/** What only the database would refuse, after the API has found nothing. Throws `LegacyRefused`. */
export function requireStorable<C extends Columns>(columns: C, values: Values<C>): void {
  for (const [field, { complaint }] of Object.entries(columns)) {
    const value = values[field];
    const words = value === null ? undefined : complaint(value);
    if (words !== undefined) throw new LegacyRefused(databaseError(words));
  }
}

function column<V>(
  read: (value: unknown, field: string) => V,
  complaint: (value: V) => string | undefined = () => undefined,
): Optional<V> {
  return { read, complaint: (value) => (value === null ? undefined : complaint(value)), required: false };
}

function wholeNumber(type: string, largest: number, range: Range): Optional<number> {
  return column(
    (value, field) => {
      if (typeof value !== 'number' || !Number.isInteger(value)) throw wrong(field, 'must be a whole number');
      return within(field, value, range);
    },
    (value) =>
      value < -largest - 1 || value > largest ? `value "${value}" is out of range for type ${type}` : undefined,
  );
}

function readText(value: unknown, field: string, maxLength: number): string {
  if (typeof value !== 'string') throw wrong(field, 'must be text');
  if ([...value].length > maxLength) throw wrong(field, `must not be longer than ${maxLength} characters`);
  return value;
}

function nulByte(value: string): string | undefined {
  return value.includes('\u0000') ? 'invalid byte sequence for encoding "UTF8": 0x00' : undefined;
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

function wrong(field: string, problem: string): LegacyRefused {
  return refused(`${field} ${problem}.`);
}
