/** Cells of a column as a parameter: an array in PostgreSQL's binary form, or the cells as they are where `pg` has to write them. */
export interface ArrayParameter {
  readonly value: Buffer | readonly unknown[];
  /** What the array has for elements; undefined = the column's own type. */
  readonly element: 'text' | 'bigint' | 'boolean' | undefined;
}

/** Object ids of PostgreSQL's types, from its pg_type.dat. */
const OID = { text: 25, bigint: 20, boolean: 16 } as const;
/** Number of dimensions, whether some are null, element's type; then length and lower bound of the one dimension. */
const HEAD_BYTES = 20;
const NULL = -1;

/** Of bigint PostgreSQL makes them without a text between, and refuses what is out of their range as it refuses such a text. */
const NUMERIC = new Set(['smallint', 'int', 'integer', 'bigint', 'numeric']);

/**
 * Bytes and dates are left to `pg`. Whole numbers and truth values go as they are where the column is of such, and everything else as text, which
 * PostgreSQL reads cell by cell as it would read it anywhere. In its text form each cell of an array would be looked at for what must be escaped
 * by both sides, and JSON is mostly quotes.
 * @param type of the column, without its length. Of jsonb what is not text becomes JSON, and text is JSON
 */
export function arrayParameter(cells: readonly unknown[], type: string): ArrayParameter {
  if (type === 'jsonb') return { value: texts(cells, jsonOf) as Buffer, element: 'text' };
  if (NUMERIC.has(type) && areAll(cells, isWhole)) return { value: numbers(cells), element: 'bigint' };
  if (type === 'boolean' && areAll(cells, isTruth)) return { value: truths(cells), element: 'boolean' };
  const value = texts(cells, textOf);
  return value === undefined ? { value: cells, element: undefined } : { value, element: 'text' };
}

/** For `$1::text[]`, or `$1::text[]::uuid[]`. */
export function textArray(cells: readonly string[]): Buffer {
  return texts(cells, asItIs) as Buffer;
}

function asItIs(cell: unknown): string {
  return cell as string;
}

function areAll<T>(
  cells: readonly unknown[],
  is: (cell: unknown) => cell is T,
): cells is readonly (T | null | undefined)[] {
  for (const cell of cells) if (cell !== null && cell !== undefined && !is(cell)) return false;
  return true;
}

function isWhole(cell: unknown): cell is number {
  return Number.isSafeInteger(cell);
}

function isTruth(cell: unknown): cell is boolean {
  return typeof cell === 'boolean';
}

function textOf(cell: unknown): string | undefined {
  switch (typeof cell) {
    case 'string':
      return cell;
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(cell);
    default:
      return undefined;
  }
}

function jsonOf(cell: unknown): string {
  return typeof cell === 'string' ? cell : JSON.stringify(cell);
}

/** Grows to what the largest column takes, and is written anew for each: one array is done before the next begins. */
let scratch = Buffer.allocUnsafe(64 * 1024);

function room(at: number, bytes: number): void {
  if (at + bytes <= scratch.length) return;
  const larger = Buffer.allocUnsafe(Math.max(scratch.length * 2, at + bytes));
  scratch.copy(larger, 0, 0, at);
  scratch = larger;
}

function begin(element: keyof typeof OID, count: number): void {
  room(0, HEAD_BYTES);
  scratch.writeInt32BE(count === 0 ? 0 : 1, 0);
  scratch.writeInt32BE(0, 4);
  scratch.writeInt32BE(OID[element], 8);
  scratch.writeInt32BE(count, 12);
  scratch.writeInt32BE(1, 16);
}

function end(at: number, count: number, hasNull: boolean): Buffer {
  if (hasNull) scratch.writeInt32BE(1, 4);
  return Buffer.from(scratch.subarray(0, count === 0 ? HEAD_BYTES - 8 : at));
}

function numbers(cells: readonly (number | null | undefined)[]): Buffer {
  begin('bigint', cells.length);
  room(HEAD_BYTES, cells.length * 12);
  let at = HEAD_BYTES;
  let hasNull = false;
  for (const cell of cells) {
    if (cell === null || cell === undefined) {
      hasNull = true;
      at = scratch.writeInt32BE(NULL, at);
      continue;
    }
    at = scratch.writeInt32BE(8, at);
    const high = Math.floor(cell / 2 ** 32);
    at = scratch.writeInt32BE(high, at);
    at = scratch.writeUInt32BE(cell - high * 2 ** 32, at);
  }
  return end(at, cells.length, hasNull);
}

function truths(cells: readonly (boolean | null | undefined)[]): Buffer {
  begin('boolean', cells.length);
  room(HEAD_BYTES, cells.length * 5);
  let at = HEAD_BYTES;
  let hasNull = false;
  for (const cell of cells) {
    if (cell === null || cell === undefined) {
      hasNull = true;
      at = scratch.writeInt32BE(NULL, at);
      continue;
    }
    at = scratch.writeInt32BE(1, at);
    at = scratch.writeUInt8(cell ? 1 : 0, at);
  }
  return end(at, cells.length, hasNull);
}

/** Undefined when a cell has no text. */
function texts(cells: readonly unknown[], of: (cell: unknown) => string | undefined): Buffer | undefined {
  begin('text', cells.length);
  let at = HEAD_BYTES;
  let hasNull = false;
  for (const cell of cells) {
    room(at, 4);
    if (cell === null || cell === undefined) {
      hasNull = true;
      at = scratch.writeInt32BE(NULL, at);
      continue;
    }
    const text = of(cell);
    if (text === undefined) return undefined;
    // A character of UTF-16 takes three bytes at most.
    room(at + 4, text.length * 3);
    const bytes = scratch.write(text, at + 4, 'utf8');
    scratch.writeInt32BE(bytes, at);
    at += 4 + bytes;
  }
  return end(at, cells.length, hasNull);
}
