import type { Liveness } from '@banyan/core';
import type { AnyEntity } from './entity.js';

/** What a state means for the fold: the entity's own word, else live when there is a state. */
export function livenessOf(entity: Pick<AnyEntity, 'liveness'>, state: unknown): Liveness {
  return entity.liveness?.(state) ?? (state === undefined ? 'deleted' : 'live');
}
