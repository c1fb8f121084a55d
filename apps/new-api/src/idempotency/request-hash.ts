import { createHash } from 'node:crypto';
import { canonicalJson } from '@banyan/core';

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
