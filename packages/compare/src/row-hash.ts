import { createHash } from 'node:crypto';
import { canonicalJson } from '@banyan/core';

/**
 * The hash of a canonical legacy row: one function for import, port and verify, since they compare each other's hashes.
 * Its result names its version. It is in the log for ever: another way of hashing is `v2:` beside it, never a change here.
 * @returns `v1:` and SHA-256 of the canonical JSON, base64url
 * @throws `COMPARE_NOT_JSON`
 */
export function rowHash(row: unknown): `v1:${string}` {
  return `v1:${createHash('sha256').update(canonicalJson(row)).digest('base64url')}`;
}
