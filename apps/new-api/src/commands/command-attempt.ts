import { eventHeaders } from '@banyan/contracts';
import type { Control } from '@banyan/control';
import { type Clock, importedId, isBanyanError, type KeyState, type NewId } from '@banyan/core';
import type { Position } from '@banyan/kafka';
import { type Answer, etag } from '../http/answer.js';
import { type LogWriter, logAway } from '../log/log-writer.js';
import { problem } from '../problems.js';
import { PromisedReceipt } from '../receipts/promised-receipt.js';
import type { Receipts } from '../receipts/receipt-store.js';
import { keyOfAddress } from './address.js';
import { type Answers, answersOf } from './answers.js';
import type { CommandCall } from './command-call.js';
import { type Decision, decideCommand, impossible } from './decision.js';
import { type EventOutcome, type OutcomeTools, outcomeOf } from './event-outcome.js';
import { holdOf } from './hold.js';
import { preconditionFailed } from './if-match.js';
import type { Journal } from './journal.js';
import { MovePatience, type MovePatienceTools } from './move-patience.js';
import type { PendingEvent } from './pending-event.js';
import { resolveReferences } from './references.js';
import {
  authorityMoving,
  heldByLegacy,
  isAuthoritySettled,
  keyOfCreate,
  loadSituation,
  parkedProblem,
  refresh,
  requireDecidable,
  type Situation,
  type SituationTools,
} from './situation.js';

export interface CommandTools extends OutcomeTools, SituationTools, MovePatienceTools {
  readonly log: LogWriter;
  readonly receipts: Receipts;
  /** `ce_source`: `new-api/new-api-0`. */
  readonly source: string;
  readonly appendDeadlineMs: number;
  readonly newId: NewId;
  readonly clock: Clock;
  readonly control: Pick<Control, 'state' | 'onChange'>;
}

/** How often a command is decided, on ever newer states, before the caller is told of the conflict. */
const DECISIONS = 4;

/** One try of one request: finish what an earlier try may have appended, else decide, append and learn the outcome. */
export class CommandAttempt {
  /** Whether an event of this request may be in the log without its outcome being known: then nothing new may be decided. */
  mayBeInLog: boolean;
  private readonly answers: Answers;
  private readonly receipt: PromisedReceipt;
  private readonly patience: MovePatience;

  constructor(
    private readonly tools: CommandTools,
    private readonly call: CommandCall,
    private readonly journal: Journal,
  ) {
    this.mayBeInLog = journal.pending !== undefined;
    this.answers = answersOf(tools.store, call);
    this.patience = new MovePatience(tools);
    this.receipt = new PromisedReceipt(tools.receipts, call.entity.name, call.respondAsync);
  }

  async run(): Promise<Answer> {
    const earlier = this.journal.pending;
    if (earlier === undefined) this.tools.log.requireReady();
    else {
      this.requireReadyToFinish(earlier);
      const answer = await this.finish(earlier, undefined);
      if (answer !== undefined) return answer;
    }
    const { entity, address } = this.call;
    const key =
      address === undefined
        ? keyOfCreate(this.call, this.tools.newId())
        : await keyOfAddress(this.tools, entity, address);
    let matched: KeyState | undefined;
    for (let decisions = 0; decisions < DECISIONS; decisions += 1) {
      const situation = await this.settledSituation(key, matched);
      const { keyState } = situation.state;
      const hold = holdOf(situation.state.authority, keyState, key);
      if (hold === 'outdated') {
        matched ??= this.matches(situation) ? keyState : undefined;
        await refresh(this.tools, this.call, situation);
        continue;
      }
      // A create may still be told that what it wants to make is there.
      if (hold === 'held' && address !== undefined) throw heldByLegacy(entity.name, situation);
      const decision = await this.decide(situation);
      if (decision.type === 'nothing') return this.answers.unchanged(situation);
      if (hold === 'held') throw heldByLegacy(entity.name, situation);
      const pending = this.pendingEvent(situation, decision);
      await this.journal.note(pending);
      const answer = await this.finish(pending, decision.next);
      if (answer !== undefined) return answer;
    }
    throw problem(
      'API_CONFLICT',
      `${this.call.entity.name} ${key} changed ${DECISIONS} times while ${this.call.command.name} was decided; nothing was done, come again.`,
    );
  }

  /** Loads what is decided on; while a move is open, or this process has not heard of its end, it waits a little for that. */
  private async settledSituation(key: string, matched: KeyState | undefined): Promise<Situation> {
    const { entity } = this.call;
    for (;;) {
      const situation = await loadSituation(this.tools, this.call, key);
      const { authority, keyState } = situation.state;
      // Nothing is said of an outdated copy, not even that it is not there: legacy may have changed it since.
      if (holdOf(authority, keyState, key) !== 'outdated')
        requireDecidable(this.call, situation, matched !== undefined && isSameRow(matched, keyState));
      if (isAuthoritySettled(this.tools, entity.name, situation)) return situation;
      if (!(await this.patience.wait())) throw authorityMoving(entity.name, situation);
    }
  }

  /** An earlier try may have appended it: without Kafka nobody can say that nothing was done. */
  private requireReadyToFinish({ eventId, record }: PendingEvent): void {
    const away = this.tools.log.away();
    if (away === undefined) return;
    throw problem(
      'API_OUTCOME_UNKNOWN',
      `Event ${eventId} of an earlier try may be in the log, which does not answer now (${away}). Ask again with the same Idempotency-Key to find out.`,
      { data: { eventId, id: record.key } },
    );
  }

  private matches({ state }: Situation): boolean {
    const { ifMatch } = this.call;
    return ifMatch !== undefined && (ifMatch === 'any' || ifMatch.includes(etag(state.appliedVersion)));
  }

  private async decide({ key, state }: Situation): Promise<Decision> {
    const { entity, command, body } = this.call;
    const resolved = await resolveReferences(this.tools, command.refs?.(body) ?? []);
    const now = new Date(this.tools.clock.now()).toISOString();
    const decision = decideCommand(entity, command, body, state.document, { id: key, now, resolved });
    if (decision.type === 'event') this.requireSameIdentity(key, decision.next);
    return decision;
  }

  /** The key of a derived identity follows from its state: an event that said otherwise would split one legacy row in two entities. */
  private requireSameIdentity(key: string, next: unknown): void {
    const { entity, command } = this.call;
    const { identity } = entity.legacy;
    if (identity.type !== 'derived' || next === undefined) return;
    const legacyId = entity.legacy.canonicalId(identity.legacyIdOf(next));
    if (importedId(entity.name, legacyId) === key) return;
    throw impossible(
      `${command.name} gave ${entity.name} ${key} the legacy id ${legacyId}`,
      new Error('that is another key'),
    );
  }

  private pendingEvent(
    { key, partition, epoch, state }: Situation,
    decision: Decision & { type: 'event' },
  ): PendingEvent {
    const { entity, command, traceparent, correlationId, hops } = this.call;
    const { event, liveness } = decision;
    const eventId = this.tools.newId();
    const headers = eventHeaders({
      id: eventId,
      type: event.type,
      source: this.tools.source,
      timeMs: this.tools.clock.now(),
      subject: key,
      origin: 'api',
      expectedVersion: state.appliedVersion,
      epoch,
      liveness,
      traceparent,
      correlationId: correlationId ?? eventId,
      hops,
    });
    let value: Buffer;
    try {
      value = this.tools.log.encode(event.type, event.data);
    } catch (cause) {
      throw impossible(`${command.name} made a ${event.type} that its schema refuses`, cause);
    }
    const noted = { nextOffset: state.nextOffset, authority: state.authority, keyState: state.keyState };
    return { eventId, record: { topic: this.tools.log.topicOf(entity), partition, key, value, headers }, noted };
  }

  /** Appends and learns the outcome; undefined = the event is dead, so the command may be decided again. */
  private async finish(pending: PendingEvent, next: unknown): Promise<Answer | undefined> {
    const { entity, ifMatch } = this.call;
    const { key } = pending.record;
    await this.receipt.beforeAppend(pending);
    const position = pending.position ?? (await this.append(pending));
    await this.receipt.acknowledged(pending, position);
    const outcome: EventOutcome = await outcomeOf(this.tools, entity.name, pending, position);
    if (outcome.type === 'behind') {
      await this.journal.acknowledged(position).catch(() => undefined);
      await this.receipt.forAccepted(pending, position);
      return this.answers.accepted(key, pending.eventId);
    }
    if (outcome.type === 'effective') {
      const { state, version } = outcome;
      if (state.parked && state.appliedVersion < version) {
        const data = { eventId: pending.eventId, version, ...(await this.receipt.ifKept(pending, position)) };
        throw await parkedProblem(this.tools, entity.name, key, data);
      }
      const answer = await this.answers.effective(key, outcome, next);
      return { ...answer, headers: { ...answer.headers, ...this.receipt.link(pending) } };
    }
    this.mayBeInLog = false;
    if (outcome.outcome === 'invalid') {
      throw impossible(`Event ${pending.eventId} of ${entity.name} ${key}`, new Error('the fold calls it invalid'));
    }
    // Stale says nothing of the version: the key moved to another epoch, and is looked at again.
    if (outcome.outcome !== 'stale' && ifMatch !== undefined && ifMatch !== 'any') {
      throw preconditionFailed(outcome.state.appliedVersion);
    }
    return undefined;
  }

  private async append(pending: PendingEvent): Promise<Position> {
    const { eventId, record } = pending;
    const isFirst = !this.mayBeInLog;
    this.mayBeInLog = true;
    try {
      return await this.tools.log.append(record, { deadlineMs: this.tools.appendDeadlineMs });
    } catch (error) {
      const certainlyNot = isBanyanError(error) && (error.code === 'LOG_NOT_WRITTEN' || error.code === 'API_LOG_AWAY');
      if (certainlyNot && isFirst) {
        this.mayBeInLog = false;
        await this.receipt.notAppended(pending);
        throw error.retryable
          ? logAway(error.message, error)
          : impossible(`Event ${eventId} was refused by Kafka`, error);
      }
      throw problem(
        'API_OUTCOME_UNKNOWN',
        `Kafka did not say whether it has event ${eventId}; it may still be written. Ask again with the same Idempotency-Key to find out.`,
        { data: { eventId, id: record.key, ...(await this.receipt.ifKept(pending)) }, cause: error },
      );
    }
  }
}

/** An import that found legacy's row as it was: only epoch and version moved, so an If-Match of before still names this state. */
function isSameRow(before: KeyState, now: KeyState): boolean {
  return before.hash !== undefined && before.hash === now.hash && before.liveness === now.liveness;
}
