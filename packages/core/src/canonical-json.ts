import { BanyanError } from './errors.js';

/**
 * The one text of a JSON value: keys in the order of their UTF-16 code units, no white space, -0 as 0, strings as they are
 * (no Unicode normalisation: `é` in one character and in two are two different rows). A property that is undefined is absent.
 * Hashes of rows and states are made of it and kept: its text never changes.
 * @throws `COMPARE_NOT_JSON` naming the path of what JSON cannot hold: NaN, a bigint, a Date, undefined in an array, …
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0, value);
}

function write(value: unknown, depth: number, whole: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      // Also of -0 the text is 0.
      if (Number.isFinite(value)) return String(value);
      break;
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return writeArray(value, depth, whole);
      if (isJson(value)) return writeObject(value, depth, whole);
  }
  throw faultIn(whole, '') ?? notJson(value, '');
}

function writeArray(values: readonly unknown[], depth: number, whole: unknown): string {
  let text = '[';
  for (let index = 0; index < values.length; index += 1)
    text += (index === 0 ? '' : ',') + write(values[index], depth + 1, whole);
  return `${text}]`;
}

/** Put together by hand: a state is hashed for each key of a slice, and lists of members cost as much again as the hash. */
function writeObject(value: object, depth: number, whole: unknown): string {
  const { sorted, labels } = shapeOf(Object.keys(value), depth);
  let text = '';
  for (let index = 0; index < sorted.length; index += 1) {
    const member: unknown = value[sorted[index] as keyof typeof value];
    if (member === undefined) continue;
    const label = labels[index] as string;
    text += (text === '' ? label.slice(1) : label) + write(member, depth + 1, whole);
  }
  return `{${text}}`;
}

/** The names of an object's members in their order, and how they stand in the text behind others. */
interface Shape {
  readonly names: readonly string[];
  readonly sorted: readonly string[];
  readonly labels: readonly string[];
}

/** Of each depth the last one: states of an entity are alike. */
const shapes: Shape[] = [];
const DEPTHS = 16;

function shapeOf(names: readonly string[], depth: number): Shape {
  const known = shapes[depth];
  if (known !== undefined && isSame(known.names, names)) return known;
  const sorted = names.toSorted();
  const shape = { names, sorted, labels: sorted.map((name) => `,${JSON.stringify(name)}:`) };
  if (depth < DEPTHS) shapes[depth] = shape;
  return shape;
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  if (some.length !== others.length) return false;
  for (let index = 0; index < some.length; index += 1) if (some[index] !== others[index]) return false;
  return true;
}

function membersOf(value: object): [string, unknown][] {
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Whether JSON can hold it, leaving aside what is in it. */
function isJson(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      // A Date, a Map, a Buffer: they would become a text or `{}`, and two different ones would be equal.
      return value === null || Array.isArray(value) || !('toJSON' in value || Symbol.iterator in value);
    default:
      return false;
  }
}

/** Looked for once it is known to be there: a state is hashed for every event, and paths would cost half as much again. */
function faultIn(value: unknown, path: string): BanyanError | undefined {
  if (!isJson(value)) return notJson(value, path);
  if (typeof value !== 'object' || value === null) return undefined;
  const parts = Array.isArray(value)
    ? Array.from(value, (item, at): [string, unknown] => [`${path}[${at}]`, item])
    : membersOf(value).map(([name, member]): [string, unknown] => [path === '' ? name : `${path}.${name}`, member]);
  for (const [where, part] of parts) {
    const fault = faultIn(part, where);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function notJson(value: unknown, path: string): BanyanError {
  const what = typeof value === 'object' && value !== null ? value.constructor.name : String(value);
  return new BanyanError(
    'COMPARE_NOT_JSON',
    `${path === '' ? 'The value' : path} is ${what}, which JSON cannot hold; make it canonical where it is read.`,
    { data: { path } },
  );
}
