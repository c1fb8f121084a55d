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
  if (NUMERIC.has(type) && areAll(cells, isWhole))
    return { value: binaryArray('bigint', cells, putWhole), element: 'bigint' };
  if (type === 'boolean' && areAll(cells, isTruth)) {
    return { value: binaryArray('boolean', cells, putTruth), element: 'boolean' };
  }
  const texts = textsOf(cells, type === 'jsonb' ? jsonOf : textOf);
  return texts === undefined ? { value: cells, element: undefined } : { value: textArray(texts), element: 'text' };
}

/** For `$1::text[]`, or `$1::text[]::uuid[]`. */
export function textArray(cells: readonly (string | null)[]): Buffer {
  return binaryArray('text', cells, putText);
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

function jsonOf(cell: unknown): string | undefined {
  return typeof cell === 'string' ? cell : JSON.stringify(cell);
}

/** Undefined when a cell has none. */
function textsOf(
  cells: readonly unknown[],
  of: (cell: unknown) => string | undefined,
): readonly (string | null)[] | undefined {
  const texts: (string | null)[] = [];
  for (const cell of cells) {
    const text = cell === null || cell === undefined ? null : of(cell);
    if (text === undefined) return undefined;
    texts.push(text);
  }
  return texts;
}

/** Grows to what the largest column takes, and is written anew for each: one array is done before the next begins. */
let scratch = Buffer.allocUnsafe(64 * 1024);

function room(at: number, bytes: number): void {
  if (at + bytes <= scratch.length) return;
  const larger = Buffer.allocUnsafe(Math.max(scratch.length * 2, at + bytes));
  scratch.copy(larger, 0, 0, at);
  scratch = larger;
}

/** @param put writes length and bytes of a cell; answers where they end */
function binaryArray<T>(
  element: keyof typeof OID,
  cells: readonly (T | null | undefined)[],
  put: (cell: T, at: number) => number,
): Buffer {
  const dimensions = cells.length === 0 ? 0 : 1;
  let hasNull = false;
  let at = dimensions === 0 ? HEAD_BYTES - 8 : HEAD_BYTES;
  for (const cell of cells) {
    if (cell === null || cell === undefined) {
      hasNull = true;
      room(at, 4);
      at = scratch.writeInt32BE(NULL, at);
    } else at = put(cell, at);
  }
  scratch.writeInt32BE(dimensions, 0);
  scratch.writeInt32BE(hasNull ? 1 : 0, 4);
  scratch.writeInt32BE(OID[element], 8);
  scratch.writeInt32BE(cells.length, 12);
  scratch.writeInt32BE(1, 16);
  return Buffer.from(scratch.subarray(0, at));
}

function putWhole(cell: number, begin: number): number {
  room(begin, 12);
  const at = scratch.writeInt32BE(8, begin);
  const high = Math.floor(cell / 2 ** 32);
  return scratch.writeUInt32BE(cell - high * 2 ** 32, scratch.writeInt32BE(high, at));
}

function putTruth(cell: boolean, begin: number): number {
  room(begin, 5);
  return scratch.writeUInt8(cell ? 1 : 0, scratch.writeInt32BE(1, begin));
}

function putText(cell: string, begin: number): number {
  // A character of UTF-16 takes three bytes at most.
  room(begin, 4 + cell.length * 3);
  const bytes = scratch.write(cell, begin + 4, 'utf8');
  return scratch.writeInt32BE(bytes, begin) + bytes;
}
