import { type Difference, differences } from '@banyan/compare';
import { eventHeaders } from '@banyan/contracts';
import { isBanyanError, ownerOf } from '@banyan/core';
import type { Position } from '@banyan/kafka';
import type { CommandTools } from '../commands/command-attempt.js';
import { outcomeOf } from '../commands/event-outcome.js';
import type { PendingEvent } from '../commands/pending-event.js';
import { authorityMoving, isAuthoritySettled, parkedProblem, type Situation } from '../commands/situation.js';
import { logAway } from '../log/log-writer.js';
import { problem } from '../problems.js';
import { type CheckedRestatement, checkedRestatement, type RestatementAsked } from './restatement.js';

export interface RestateCall extends RestatementAsked {
  /** Say what it would change, and change nothing. */
  readonly dryRun: boolean;
}

export interface RestateReport {
  readonly entity: string;
  readonly key: string;
  /** The version of the fold, on which it is decided. */
  readonly expectedVersion: number;
  /** The version that the last good state is of: what came between is closed. */
  readonly lastGoodVersion: number;
  /** From the last good state to the new one; '' with undefined = there is none on that side. */
  readonly differences: readonly Difference[];
  /** `behind`: it is in the log, and the projector has not come to it yet. */
  readonly outcome: 'dry-run' | 'effective' | 'behind';
  /** null = a dry run. */
  readonly eventId: string | null;
}

/**
 * Puts a whole state in the place of what cannot be processed, for a key of V2 whose state stands: the only native event that is
 * decided although its key is locked, on the folded version. Asked again after an answer that was lost it appends once more; the
 * version lets one of them take effect. Throws `API_KEY_NOT_STANDING`, `ENTITY_HELD_BY_LEGACY`, `API_RESTATEMENT_INVALID`,
 * `API_AUTHORITY_MOVING`, `API_CONFLICT`, `API_KEY_PARKED` where the restatement itself stands, `API_LOG_AWAY`, `API_OUTCOME_UNKNOWN`.
 */
export async function restate(tools: CommandTools, call: RestateCall): Promise<RestateReport> {
  const { entity, key, state, dryRun } = call;
  tools.log.requireReady();
  const situation = await situationOf(tools, call);
  requireStanding(call, situation);
  const { document, keyState, appliedVersion } = situation.state;
  if (!isAuthoritySettled(tools, entity.name, situation)) throw authorityMoving(entity.name, situation);
  const checked = await checkedRestatement(tools, call);
  const report = {
    entity: entity.name,
    key,
    expectedVersion: keyState.version,
    lastGoodVersion: appliedVersion,
    differences: differences(document, state),
  };
  if (dryRun) return { ...report, outcome: 'dry-run', eventId: null };
  const pending = pendingEvent(tools, call, situation, checked);
  const outcome = await outcomeOf(tools, entity.name, pending, await append(tools, pending));
  const { eventId } = pending;
  if (outcome.type === 'behind') return { ...report, outcome: 'behind', eventId };
  if (outcome.type === 'dead') {
    throw problem(
      'API_CONFLICT',
      `${entity.name} ${key} changed while it was restated (${outcome.outcome}); nothing was done. Look at it again, it may have been restated already.`,
      { data: { id: key, eventId } },
    );
  }
  if (outcome.state.parked && outcome.state.appliedVersion < outcome.version)
    throw await parkedProblem(tools, entity.name, key, { eventId });
  return { ...report, outcome: 'effective', eventId };
}

async function situationOf({ log, store }: CommandTools, { entity, key }: RestateCall): Promise<Situation> {
  const partition = await log.partitionOf(log.topicOf(entity), key);
  const state = await store.state(entity.name, key, partition);
  return { key, partition, epoch: state.epoch, state };
}

function requireStanding({ entity, key }: RestateCall, { state }: Situation): void {
  const what = `${entity.name} ${key}`;
  if (!state.parked) {
    throw problem(
      'API_KEY_NOT_STANDING',
      `The state of ${what} does not stand in V2 (version ${state.appliedVersion}): it is changed by commands, not restated.`,
      { data: { id: key, version: state.appliedVersion } },
    );
  }
  if (ownerOf(state.authority, state.keyState) !== 'legacy') return;
  throw problem(
    'ENTITY_HELD_BY_LEGACY',
    `${what} is still decided in the legacy system; its whole state comes with the next change of its row there: change it there, then import it (banyan backfill).`,
    { data: { id: key, version: state.appliedVersion, owner: 'legacy' } },
  );
}

function pendingEvent(
  { log, newId, clock, source }: CommandTools,
  { entity, key }: RestateCall,
  { partition, epoch, state }: Situation,
  { event, value, liveness }: CheckedRestatement,
): PendingEvent {
  const eventId = newId();
  const headers = eventHeaders({
    id: eventId,
    type: event.type,
    source,
    timeMs: clock.now(),
    subject: key,
    origin: 'repair',
    // That of the fold, not of the document: what is parked has its place, and this comes behind it.
    expectedVersion: state.keyState.version,
    epoch,
    liveness,
    correlationId: eventId,
  });
  const noted = { nextOffset: state.nextOffset, authority: state.authority, keyState: state.keyState };
  return { eventId, record: { topic: log.topicOf(entity), partition, key, value, headers }, noted };
}

async function append({ log, appendDeadlineMs }: CommandTools, { eventId, record }: PendingEvent): Promise<Position> {
  try {
    return await log.append(record, { deadlineMs: appendDeadlineMs });
  } catch (error) {
    if (isBanyanError(error) && (error.code === 'LOG_NOT_WRITTEN' || error.code === 'API_LOG_AWAY'))
      throw logAway(error.message, error);
    throw problem(
      'API_OUTCOME_UNKNOWN',
      `Kafka did not say whether it has event ${eventId}; it may still be written. Restate again: one of both takes effect.`,
      { data: { eventId, id: record.key }, cause: error },
    );
  }
}
