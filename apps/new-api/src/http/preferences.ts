import type { Answer } from './answer.js';

/** What a caller prefers (RFC 7240). A preference that is unknown or malformed is as good as none: it never fails a request. */
export interface Preferences {
  /** `respond-async`: an answer as soon as the request is in good hands, the outcome later. */
  readonly respondAsync: boolean;
  /** `wait=`: how long the answer may take, seconds. */
  readonly waitS: number | undefined;
}

/** One preference: a name, perhaps with a value, quoted or not; parameters behind `;` are passed over. */
const PREFERENCE = /^\s*([!#$%&'*+.^_`|~\w-]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*)))?\s*(?:;.*)?$/s;
/** Commas inside quotes separate nothing. */
const BETWEEN = /,(?=(?:[^"\\]|\\.|"(?:[^"\\]|\\.)*")*$)/;

/** @param header several header lines with one name come joined by commas */
export function preferencesOf(header: string | undefined): Preferences {
  const given = new Map<string, string>();
  for (const part of header === undefined || header.length > LONGEST ? [] : header.split(BETWEEN)) {
    const [, name, quoted, plain] = PREFERENCE.exec(part) ?? [];
    if (name === undefined) continue;
    // Of one that comes twice the first counts; an empty value is none.
    const key = name.toLowerCase();
    if (!given.has(key)) given.set(key, quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '');
  }
  const wait = given.get('wait');
  return {
    respondAsync: given.get('respond-async') === '',
    waitS: wait !== undefined && /^\d{1,9}$/.test(wait) ? Number(wait) : undefined,
  };
}

/** Longer ones are nobody's preferences. */
const LONGEST = 1_000;

/** Says which preferences the answer kept to. */
export function withPreferences(answer: Answer, { respondAsync, waitS }: Preferences): Answer {
  const applied = [
    ...(respondAsync && answer.status === 202 ? ['respond-async'] : []),
    ...(waitS === undefined ? [] : [`wait=${waitS}`]),
  ];
  if (applied.length === 0) return answer;
  return { ...answer, headers: { ...answer.headers, 'preference-applied': applied.join(', ') } };
}
