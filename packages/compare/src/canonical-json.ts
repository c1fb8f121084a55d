import { BanyanError } from '@banyan/core';

/**
 * The one text of a JSON value: keys in the order of their UTF-16 code units, no white space, -0 as 0, strings as they are
 * (no Unicode normalisation: `é` in one character and in two are two different rows). A property that is undefined is absent.
 * @throws `COMPARE_NOT_JSON` naming the path of what JSON cannot hold: NaN, a bigint, a Date, undefined in an array, …
 */
export function canonicalJson(value: unknown): string {
  return write(value, '');
}

function write(value: unknown, path: string): string {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value)) throw notJson(value, path);
      return JSON.stringify(value);
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? writeArray(value, path) : writeObject(value, path);
    default:
      throw notJson(value, path);
  }
}

function writeArray(items: readonly unknown[], path: string): string {
  return `[${Array.from(items, (item, at) => write(item, `${path}[${at}]`)).join(',')}]`;
}

function writeObject(value: object, path: string): string {
  // A Date, a Map, a Buffer: they would become a text or `{}`, and two different ones would be equal.
  if ('toJSON' in value || Symbol.iterator in value) throw notJson(value, path);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${write(member, path === '' ? name : `${path}.${name}`)}`);
  return `{${members.join(',')}}`;
}

function notJson(value: unknown, path: string): BanyanError {
  const what = typeof value === 'object' && value !== null ? value.constructor.name : String(value);
  return new BanyanError(
    'COMPARE_NOT_JSON',
    `${path === '' ? 'The value' : path} is ${what}, which JSON cannot hold; make it canonical where it is read.`,
    { data: { path } },
  );
}
