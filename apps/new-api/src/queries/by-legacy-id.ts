import { isBanyanError } from '@banyan/core';
import type { AnyEntity } from '@banyan/transformer';
import { findOrAdopt, type ReferenceTools } from '../commands/references.js';
import type { Answer } from '../http/answer.js';
import { entityBody } from '../http/entity-body.js';
import { problem } from '../problems.js';

/**
 * The entity behind a legacy id, adopted when V2 does not have it yet: `{items: [it], next: null}`, or no items. A list like any
 * other answer of this route.
 */
export async function byLegacyId(tools: ReferenceTools, entity: AnyEntity, raw: unknown): Promise<Answer> {
  const legacyId = legacyIdIn(entity, raw);
  const found = (await findOrAdopt(tools, entity, [legacyId])).get(legacyId);
  if (found === undefined || 'reason' in found) {
    return {
      status: 200,
      headers: {},
      body: { items: [], next: null, ...(found === undefined ? {} : { reason: found.reason }) },
    };
  }
  const state = await tools.store.state(entity.name, found.id);
  const document = state.document ?? found.state;
  const body = entityBody({ id: found.id, version: state.appliedVersion, legacyId, document });
  return { status: 200, headers: {}, body: { items: [body], next: null } };
}

/** The canonical id in `?legacyId=`. Throws `API_QUERY_INVALID` for a text that no row can have as its id. */
export function legacyIdIn(entity: AnyEntity, raw: unknown): string {
  const invalid = (message: string) =>
    problem('API_QUERY_INVALID', `legacyId: ${message}`, { data: { errors: [{ path: 'legacyId', message }] } });
  if (typeof raw !== 'string') throw invalid('must be given once');
  try {
    return entity.legacy.canonicalId(raw);
  } catch (error) {
    if (isBanyanError(error)) throw invalid(error.message);
    throw error;
  }
}
