import { hash } from 'node:crypto';

/** Short texts are their own digest. */
const SHORT = 48;
const known = new WeakMap<object, string>();

/**
 * A digest of a JSON value, the same for values that are alike. Each part's is remembered with the part: worlds of one exploration share
 * nearly all of their parts, and are told apart by the few that are new. So a value must not be changed once it was given here.
 */
export function digest(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? '';
  const remembered = known.get(value);
  if (remembered !== undefined) return remembered;
  const text = Array.isArray(value) ? `[${value.map(digest).join()}]` : `{${membersOf(value)}}`;
  const made = text.length <= SHORT ? text : hash('sha1', text, 'base64');
  known.set(value, made);
  return made;
}

function membersOf(value: object): string {
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => `${name}:${digest(member)}`)
    .join();
}
