import { createHash } from 'node:crypto';
import { canonicalJson } from '@banyan/core';

/** SHA-256, hex, of a document in canonical JSON (keys sorted): the same before and after PostgreSQL's jsonb. */
export function stateHash(document: unknown): string {
  return createHash('sha256').update(canonicalJson(document)).digest('hex');
}
