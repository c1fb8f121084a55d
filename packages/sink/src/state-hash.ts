import { hash } from 'node:crypto';
import { canonicalJson } from '@banyan/core';

/**
 * SHA-256, hex, of a document in canonical JSON (keys sorted): the same before and after PostgreSQL's jsonb; undefined = no document. It costs
 * more than all else that is done with an event, so it is made where it is kept or told, of the last document of a key.
 */
export function stateHash(document: unknown): string | undefined {
  return document === undefined ? undefined : hash('sha256', canonicalJson(document));
}
