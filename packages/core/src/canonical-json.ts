import { BanyanError } from './errors.js';

/**
 * The one text of a JSON value: keys in the order of their UTF-16 code units, no white space, -0 as 0, strings as they are
 * (no Unicode normalisation: `é` in one character and in two are two different rows). A property that is undefined is absent.
 * Hashes of rows and states are made of it and kept: its text never changes.
 * @throws `COMPARE_NOT_JSON` naming the path of what JSON cannot hold: NaN, a bigint, a Date, undefined in an array, …
 */
export function canonicalJson(value: unknown): string {
  return write(value, value);
}

function write(value: unknown, whole: unknown): string {
  if (!isJson(value)) throw faultIn(whole, '') ?? notJson(value, '');
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  let text = '';
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1)
      text += `${index === 0 ? '' : ','}${write(value[index], whole)}`;
    return `[${text}]`;
  }
  // Put together by hand: a state is hashed for each event of a busy key, and lists of members cost as much again as the hash.
  for (const name of Object.keys(value).sort()) {
    const member: unknown = value[name as keyof typeof value];
    if (member !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${write(member, whole)}`;
  }
  return `{${text}}`;
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
