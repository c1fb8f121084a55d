import { problem } from '../problems.js';

/** Versions that a caller will change, from If-Match; `any` = `*`. */
export type IfMatch = 'any' | readonly string[];

const TAGS = /^\s*(?:W\/)?"[\x21\x23-\x7e]*"(?:\s*,\s*(?:W\/)?"[\x21\x23-\x7e]*")*\s*$/;

/** Throws `API_IF_MATCH_INVALID`. */
export function parseIfMatch(header: string | undefined): IfMatch | undefined {
  if (header === undefined) return undefined;
  if (header.trim() === '*') return 'any';
  if (!TAGS.test(header)) {
    throw problem(
      'API_IF_MATCH_INVALID',
      `If-Match ${JSON.stringify(header)} is no list of entity tags; send the ETag as it was answered, such as "3".`,
    );
  }
  return header.split(',').map((tag) => tag.trim());
}

/** Strong comparison, as RFC 9110 asks of If-Match: a weak tag never matches. Throws `API_PRECONDITION_FAILED`. */
export function requireMatch(ifMatch: IfMatch | undefined, version: number): void {
  if (ifMatch === undefined || ifMatch === 'any' || ifMatch.includes(`"${version}"`)) return;
  throw preconditionFailed(version);
}

export function preconditionFailed(version: number): Error {
  return problem('API_PRECONDITION_FAILED', `The entity is at version ${version} now; read it again, then decide.`, {
    data: { version },
    headers: { etag: `"${version}"` },
  });
}
