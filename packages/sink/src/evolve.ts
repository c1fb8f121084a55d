import type { DomainEvent } from '@banyan/contracts';
import { BanyanError } from '@banyan/core';
import type { AnyEntity } from '@banyan/transformer';
import { asStored } from './as-stored.js';
import type { Decoded } from './decode.js';

export type Evolver = Pick<AnyEntity, 'name' | 'version' | 'evolve'>;

/** undefined = no document. */
export type Evolved = { readonly document: unknown } | { readonly error: BanyanError };

/** The document after an event, as PostgreSQL will give it back. */
export function evolveOnce(entity: Evolver, key: string, document: unknown, decoded: Decoded): Evolved {
  if ('error' in decoded) return { error: decoded.error };
  const { event } = decoded;
  try {
    const next: unknown = entity.evolve(document, event);
    if (next === undefined || next === null) return { document: undefined };
    return (
      asStored(next) ??
      failed(entity, key, event, {
        code: 'SINK_STATE_UNSTORABLE',
        why: 'makes a state with NUL or half a surrogate pair, which jsonb cannot hold',
      })
    );
  } catch (error) {
    const why = `cannot be applied (${error instanceof Error ? error.message : String(error)})`;
    return failed(entity, key, event, { code: 'SINK_EVOLVE_FAILED', why, cause: error });
  }
}

function failed(
  entity: Evolver,
  key: string,
  { type }: DomainEvent,
  { code, why, cause }: { readonly code: string; readonly why: string; readonly cause?: unknown },
): Evolved {
  return {
    error: new BanyanError(
      code,
      `${entity.name} ${key}: ${type} ${why}; mend the transformer, then \`banyan parked replay ${entity.name} ${key}\`.`,
      { data: { entity: entity.name, key, type }, cause },
    ),
  };
}
