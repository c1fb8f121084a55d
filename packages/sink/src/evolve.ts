import { BanyanError } from '@banyan/core';
import type { AnyEntity } from '@banyan/transformer';
import type { Decoded } from './decode.js';
import { stateHash } from './state-hash.js';

export type Evolver = Pick<AnyEntity, 'name' | 'version' | 'evolve'>;

export type Evolved =
  | { readonly document: unknown; readonly stateHash: string | undefined }
  | { readonly error: BanyanError };

/**
 * The document after an event, as PostgreSQL will give it back: it goes through JSON here, so that a document kept in memory and
 * one read after a restart are the same and every slicing of the log evolves alike.
 */
export function evolveOnce(entity: Evolver, key: string, document: unknown, decoded: Decoded): Evolved {
  if ('error' in decoded) return { error: decoded.error };
  const { event } = decoded;
  const fail = (code: string, why: string, cause?: unknown): Evolved => ({
    error: new BanyanError(
      code,
      `${entity.name} ${key}: ${event.type} ${why}; mend the transformer, then \`banyan parked replay ${entity.name} ${key}\`.`,
      { data: { entity: entity.name, key, type: event.type }, cause },
    ),
  });
  try {
    const next: unknown = entity.evolve(document, event);
    if (next === undefined || next === null) return { document: undefined, stateHash: undefined };
    const text = JSON.stringify(next);
    if (UNSTORABLE.test(text))
      return fail('SINK_STATE_UNSTORABLE', 'makes a state with NUL or half a surrogate pair, which jsonb cannot hold');
    const after: unknown = JSON.parse(text);
    return { document: after, stateHash: stateHash(after) };
  } catch (error) {
    return fail(
      'SINK_EVOLVE_FAILED',
      `cannot be applied (${error instanceof Error ? error.message : String(error)})`,
      error,
    );
  }
}

/** In JSON text: an escaped NUL or lone surrogate, that is one behind an even number of backslashes. Whole pairs are not escaped. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|[dD][89a-fA-F][0-9a-fA-F]{2})/;
