import { createHash } from 'node:crypto';

/** Tells one request from another under the same key: method, path, If-Match and the body as parsed, whatever the order of its fields. */
export function requestHash(request: {
  readonly method: string;
  readonly path: string;
  readonly ifMatch: string | undefined;
  readonly body: unknown;
}): string {
  const { method, path, ifMatch, body } = request;
  return createHash('sha256')
    .update(canonicalJson([method, path, ifMatch ?? null, body ?? null]))
    .digest('hex');
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
