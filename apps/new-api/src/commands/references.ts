import { BanyanError } from '@banyan/core';
import type { AnyEntity, Ref, RefRequest, ResolvedRef } from '@banyan/transformer';
import { type Adoption, adoptedKey } from '../adoption/adoption.js';
import { isThere, knownByLegacyId } from '../adoption/known.js';
import { problem } from '../problems.js';
import type { V2View } from '../store/v2-store.js';

export interface ReferenceTools {
  readonly store: V2View;
  /** All that are migrated. */
  readonly entities: readonly AnyEntity[];
  /** undefined = no legacy is configured. */
  readonly adoption: Adoption | undefined;
}

export type Resolved = (entity: string, ref: Ref) => ResolvedRef;

interface Unresolved extends RefRequest {
  readonly reason: string;
}

/**
 * Finds what a command names, adopting what only legacy has. Throws `API_REFERENCE_UNKNOWN` (422) with the path and value of each one that is
 * nowhere.
 */
export async function resolveReferences(tools: ReferenceTools, requests: readonly RefRequest[]): Promise<Resolved> {
  const found = new Map<string, ResolvedRef>();
  const unresolved: Unresolved[] = [];
  for (const [name, named] of Map.groupBy(requests, (request) => request.entity)) {
    const entity = tools.entities.find((each) => each.name === name);
    if (entity === undefined) {
      throw new BanyanError('API_ENTITY_UNKNOWN', `A command names ${name}, which is not migrated.`, {
        data: { name },
      });
    }
    for (const one of await resolveOf(tools, entity, named)) {
      if ('reason' in one) unresolved.push(one);
      else found.set(refKey(name, one.request.ref), one.resolved);
    }
  }
  if (unresolved.length > 0) throw unknownReferences(unresolved);
  return (entity, ref) => {
    const resolved = found.get(refKey(entity, ref));
    if (resolved !== undefined) return resolved;
    throw new BanyanError(
      'API_REFERENCE_UNDECLARED',
      `decide asked for ${refKey(entity, ref)}, which refs() does not name.`,
    );
  };
}

type One = Unresolved | { readonly request: RefRequest; readonly resolved: ResolvedRef };

async function resolveOf(tools: ReferenceTools, entity: AnyEntity, requests: readonly RefRequest[]): Promise<One[]> {
  const byId = requests.filter((request) => 'id' in request.ref);
  const states = await tools.store.states(entity.name, [...new Set(byId.map(({ ref }) => idOf(ref)))]);
  const canonical = canonicalIds(entity, requests);
  const legacyIds = [...new Set([...canonical.values()].flatMap((id) => ('id' in id ? [id.id] : [])))];
  const known = await findOrAdopt(tools, entity, legacyIds);
  return requests.map((request): One => {
    if ('id' in request.ref) {
      const id = idOf(request.ref);
      const state = states.get(id);
      if (state === undefined || !isThere(state))
        return { ...request, reason: `V2 has no ${entity.name} with this id` };
      return { request, resolved: { id, state: state.document } };
    }
    const id = canonical.get(request);
    if (id === undefined || 'reason' in id) return { ...request, reason: id?.reason ?? 'is no id' };
    const one = known.get(id.id);
    if (one === undefined || 'reason' in one) return { ...request, reason: one?.reason ?? 'is nowhere' };
    return { request, resolved: one };
  });
}

function idOf(ref: Ref): string {
  return 'id' in ref ? ref.id.toLowerCase() : '';
}

function canonicalIds(entity: AnyEntity, requests: readonly RefRequest[]) {
  const ids = new Map<RefRequest, { readonly id: string } | { readonly reason: string }>();
  for (const request of requests) {
    if ('id' in request.ref) continue;
    try {
      ids.set(request, { id: entity.legacy.canonicalId(request.ref.legacyId) });
    } catch (error) {
      if (!(error instanceof BanyanError)) throw error;
      ids.set(request, { reason: error.message });
    }
  }
  return ids;
}

/** By canonical legacy id: the entity, or why there is none. */
export async function findOrAdopt(
  tools: ReferenceTools,
  entity: AnyEntity,
  legacyIds: readonly string[],
): Promise<ReadonlyMap<string, ResolvedRef | { readonly reason: string }>> {
  const known = await knownByLegacyId(tools.store, entity, legacyIds);
  const found = new Map<string, ResolvedRef | { reason: string }>(
    [...known].map(([legacyId, { key, state }]) => [legacyId, { id: key, state: state.document }]),
  );
  const missing = legacyIds.filter((id) => !known.has(id));
  if (missing.length === 0) return found;
  if (tools.adoption === undefined) {
    for (const id of missing)
      found.set(id, {
        reason: `V2 has no ${entity.name} with this legacy id, and no LEGACY_URL is configured to adopt it from`,
      });
    return found;
  }
  const results = await tools.adoption.adopt(entity, missing);
  const keys = new Map([...results].map(([id, result]) => [id, { result, key: adoptedKey(entity, result) }]));
  const states = await tools.store.states(
    entity.name,
    [...keys.values()].flatMap(({ key }) => key ?? []),
  );
  for (const [id, { result, key }] of keys) {
    const state = key === undefined ? undefined : states.get(key);
    if (result.bucket === 'invalid')
      found.set(id, { reason: `legacy's ${entity.name} cannot be carried over: ${result.reason}` });
    else if (key === undefined || state === undefined || !isThere(state)) {
      found.set(id, { reason: `neither V2 nor legacy has a ${entity.name} with this id` });
    } else found.set(id, { id: key, state: state.document });
  }
  return found;
}

function refKey(entity: string, ref: Ref): string {
  return 'id' in ref ? `${entity} id ${ref.id.toLowerCase()}` : `${entity} legacyId ${ref.legacyId}`;
}

function unknownReferences(unresolved: readonly Unresolved[]): Error {
  const errors = unresolved.map(({ path, ref, reason }) => ({ path, value: ref, message: reason }));
  const list = errors.map(({ path, value, message }) => `${path} ${JSON.stringify(value)}: ${message}`).join('; ');
  return problem(
    'API_REFERENCE_UNKNOWN',
    `The command names ${errors.length} thing(s) that cannot be found: ${list}.`,
    {
      data: { errors },
    },
  );
}
