import { createHash } from 'node:crypto';
import { type Clock, canonicalJson } from '@banyan/core';

export interface Creation {
  readonly entity: string;
  /** Name of the legacy route: `create`. */
  readonly route: string;
  readonly body: unknown;
  /** What the caller names this creation by, when legacy has such a field: a PO number. */
  readonly declared?: string | undefined;
}

export interface CreationKeys {
  /** The Idempotency-Key of a creation: the same for a blind retry, another for the next creation. */
  keyOf(creation: Creation): string;
}

/** Bodies remembered at most; above it the oldest goes, whose window is then that of the clock alone. */
const REMEMBERED = 50_000;

/**
 * What a caller declares counts for as long as new-api keeps keys. Without it the same body on the same route within `windowMs` of
 * its first time is the same creation: a client that lost its answer sends again at once, a person who orders the same again does
 * not. The first time is remembered in memory; the window of the clock is part of the key, so that a retry after a restart in the
 * same window finds it as well.
 * @param clock wall clock for the window; an answer never depends on it, only whether two equal bodies are one order
 */
export function creationKeys({ windowMs, clock }: { readonly windowMs: number; readonly clock: Clock }): CreationKeys {
  const first = new Map<string, { readonly key: string; readonly atMs: number }>();
  return {
    keyOf({ entity, route, body, declared }) {
      if (declared !== undefined && declared !== '') return declaredKey(entity, declared);
      const hash = sha256(canonicalJson([entity, route, body]));
      const nowMs = clock.now();
      for (const [known, { atMs }] of first) {
        if (nowMs - atMs < windowMs && first.size <= REMEMBERED) break;
        first.delete(known);
      }
      const known = first.get(hash);
      if (known !== undefined) return known.key;
      const key = `proxy:${entity}:${hash}:${Math.floor(nowMs / windowMs)}`;
      first.set(hash, { key, atMs: nowMs });
      return key;
    },
  };
}

/** The Idempotency-Key of what a caller names himself. @param declared not empty */
export function declaredKey(entity: string, declared: string): string {
  return `proxy:${entity}:${printable(declared)}`;
}

/**
 * Of a creation under a name whose first body was refused: nothing was made of that one, and its caller comes with another. Two
 * callers' bodies under one name are two creations then, and each one's blind retry finds its own.
 */
export function keyWithBody(key: string, body: unknown): string {
  return `${key}:${sha256(canonicalJson(body))}`;
}

/** An Idempotency-Key is 1 to 255 printable ASCII characters without spaces; anything else is named by its hash. */
function printable(declared: string): string {
  return /^[!-~]{1,120}$/.test(declared) && !declared.startsWith('sha256:') ? declared : `sha256:${sha256(declared)}`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
