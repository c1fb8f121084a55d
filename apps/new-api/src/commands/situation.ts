import { type Control, mayDecide } from '@banyan/control';
import { type BanyanError, importedId, isBanyanError, ownerOf } from '@banyan/core';
import type { PorterApi } from '@banyan/importing';
import type { ReadState } from '@banyan/postgres';
import type { AnyEntity } from '@banyan/transformer';
import { type Adoption, adoptedKey, unadoptable } from '../adoption/adoption.js';
import type { LogWriter } from '../log/log-writer.js';
import { problem } from '../problems.js';
import type { CommandCall } from './command-call.js';
import { requireMatch } from './if-match.js';
import type { ReferenceTools } from './references.js';

export interface SituationTools extends ReferenceTools {
  readonly log: LogWriter;
  /** undefined = no legacy is configured. */
  readonly porter: PorterApi | undefined;
  /** Whose entity it is to write is announced there. */
  readonly control: Pick<Control, 'state'>;
}

/** What a command is decided on: everything taken before the decision. */
export interface Situation {
  readonly key: string;
  readonly partition: number;
  /** The epoch that all partitions have reached. */
  readonly epoch: number;
  readonly state: ReadState;
}

/** The key of a create: derived from the natural key it names, else the new one. Throws 422 when it names none that can be. */
export function keyOfCreate({ entity, command, body }: CommandCall, fresh: string): string {
  const legacyId = legacyIdOfCreate({ entity, command, body });
  return legacyId === undefined ? fresh : importedId(entity.name, legacyId);
}

function legacyIdOfCreate({ entity, command, body }: Pick<CommandCall, 'entity' | 'command' | 'body'>) {
  const named: string | undefined = command.legacyIdOf?.(body);
  if (named === undefined) return undefined;
  try {
    return entity.legacy.canonicalId(named);
  } catch (error) {
    if (!isBanyanError(error)) throw error;
    const errors = [{ path: '', message: error.message }];
    throw problem('API_BODY_INVALID', error.message, { data: { errors }, cause: error });
  }
}

/**
 * Loads a key for a decision. A create of a natural key adopts first: legacy may have the row. Throws 423 where the key stands still:
 * its document is not that of its version.
 */
export async function loadSituation(tools: SituationTools, call: CommandCall, key: string): Promise<Situation> {
  const { entity } = call;
  const partition = await tools.log.partitionOf(tools.log.topicOf(entity), key);
  const load = async (): Promise<Situation> => {
    const state = await tools.store.state(entity.name, key, partition);
    return { key, partition, epoch: state.epoch, state };
  };
  let situation = await load();
  const natural = legacyIdOfCreate(call);
  if (natural !== undefined && tools.adoption !== undefined && situation.state.keyState.owner === 'none') {
    await adoptOne(tools.adoption, entity, natural);
    situation = await load();
  }
  if (situation.state.parked) throw await parkedProblem(tools, entity.name, key);
  return situation;
}

/** What is changed has to be there, at the version that the caller names: 404, 412. */
export function requireDecidable(call: CommandCall, { key, state }: Situation, isMatched: boolean): void {
  const { entity, address } = call;
  if (address !== undefined && state.document === undefined) throw notInV2(entity.name, key, address);
  if (!isMatched) requireMatch(call.ifMatch, state.appliedVersion);
}

function notInV2(entity: string, key: string, address: NonNullable<CommandCall['address']>): BanyanError {
  const hint = 'id' in address ? 'find it by ?legacyId= if legacy has it' : 'it is deleted';
  return problem('API_NOT_FOUND', `There is no ${entity} ${key} in V2; ${hint}.`);
}

export async function parkedProblem(
  tools: SituationTools,
  entity: string,
  key: string,
  data = {},
): Promise<BanyanError> {
  // The entry is there for reading; what stands still does so without it, and an event that was appended must stay named.
  const entry = await tools.store.parked(entity, key).catch(() => undefined);
  const why = entry === undefined ? '' : ` (${entry.eventType} ${entry.eventId}: ${entry.errorMessage})`;
  return problem(
    'API_KEY_PARKED',
    `${entity} ${key} stands still behind an event that cannot be processed${why}; mend that, then \`banyan parked replay ${entity} ${key}\`.`,
    { data: { ...data, parked: entry ?? null } },
  );
}

/**
 * Whether an event of this epoch would not fold as stale, asked before it is appended; and whether it may be decided although it would
 * not: behind the fence of a hand-back it would take effect, and be undone by the first import behind the turn.
 */
export function isAuthoritySettled(
  { control }: Pick<SituationTools, 'control'>,
  entity: string,
  { epoch, state }: Situation,
): boolean {
  return state.authority.epoch === epoch && mayDecide(control.state(), entity, epoch);
}

export function authorityMoving(entity: string, { state }: Situation): BanyanError {
  return problem(
    'API_AUTHORITY_MOVING',
    `Who may write ${entity} moves just now (epoch ${state.authority.epoch}); nothing was done, come again.`,
  );
}

export function heldByLegacy(entity: string, { key, state }: Situation): BanyanError {
  return problem(
    'ENTITY_HELD_BY_LEGACY',
    `${entity} ${key} is still decided in the legacy system; change it there, or move writes of ${entity} to V2 first.`,
    { data: { id: key, version: state.appliedVersion, owner: ownerOf(state.authority, state.keyState) } },
  );
}

/**
 * Imports a key again whose copy in V2 is from before this epoch; its next decision is made on what legacy has now, be it that legacy
 * has it no more.
 */
export async function refresh(tools: SituationTools, call: CommandCall, situation: Situation): Promise<void> {
  const { entity, address } = call;
  const { key, state } = situation;
  if (tools.adoption === undefined) throw heldByLegacy(entity.name, situation);
  const legacyId = await legacyIdOf(tools, call, situation);
  // Removed before legacy ever had it, else it had a link: there is no row to look for, and there will be none.
  if (legacyId === undefined && address !== undefined && state.document === undefined) {
    throw notInV2(entity.name, key, address);
  }
  if (legacyId === undefined) {
    throw problem(
      'API_ADOPTION_HELD',
      `Which legacy row ${entity.name} ${key} is, the porter does not know yet; nothing was done, come again.`,
    );
  }
  await adoptOne(tools.adoption, entity, entity.legacy.canonicalId(legacyId));
}

async function legacyIdOf(
  tools: SituationTools,
  call: CommandCall,
  { key, state }: Situation,
): Promise<string | undefined> {
  const { entity, address } = call;
  if (address !== undefined && 'legacyId' in address) return address.legacyId;
  const natural = legacyIdOfCreate(call);
  if (natural !== undefined) return natural;
  const { identity } = entity.legacy;
  if (identity.type === 'derived' && state.document !== undefined) return identity.legacyIdOf(state.document);
  // The journal first; what the porter has not taken in yet the projector may know, and the import looks for its link again.
  const [linked] = (await tools.porter?.links(entity.name, { keys: [key] })) ?? [];
  return linked?.legacyId ?? (await tools.store.legacyIds(entity.name, [key])).get(key);
}

async function adoptOne(adoption: Adoption, entity: AnyEntity, legacyId: string): Promise<void> {
  const adopted = (await adoption.adopt(entity, [legacyId])).get(legacyId);
  if (adopted?.bucket === 'invalid') throw unadoptable(entity.name, legacyId, adopted.reason);
  if (adopted !== undefined) adoptedKey(entity, adopted);
}
