import type { RecordKind } from '@banyan/contracts';
import {
  type Authority,
  BanyanError,
  type EventHeaders,
  fold,
  foldMarker,
  type KeyState,
  type Outcome,
} from '@banyan/core';
import { NO_STATE, type StoredState } from '@banyan/postgres';
import { livenessOf } from '@banyan/transformer';
import { countEffective, type Tally, tallyOf } from './books.js';
import type { Change, EffectiveChange } from './change.js';
import type { SliceItem } from './decode.js';
import { evolveOnce } from './evolve.js';
import { type ParkedRecord, parkedRecord } from './parked-record.js';
import type { SinkEntity } from './sink-options.js';
import { stateHash } from './state-hash.js';
import { type Closing, carriesWholeState, whyClosed } from './whole-state.js';

export interface SliceInput {
  readonly entity: SinkEntity;
  /** Of the partition, at the first record. */
  readonly authority: Authority;
  /** Of the keys in the slice; a key that is missing was never seen. */
  readonly states: ReadonlyMap<string, StoredState>;
  /**
   * Offsets that folded as `invalid` before, when the log is read again over states that are there. Their outcome stands: an event
   * decided on a version that its key had not reached then must not take effect because the key has reached it since.
   */
  readonly knownInvalid: ReadonlySet<bigint>;
  readonly items: readonly SliceItem[];
}

export interface FoldedSlice {
  readonly authority: Authority;
  /** The keys that changed, once each, however many events they had. */
  readonly states: ReadonlyMap<string, StoredState>;
  /** In log order. */
  readonly changes: readonly Change[];
  /** In log order; what is closed in this slice is among them. */
  readonly parked: readonly ParkedRecord[];
  /** In log order: a key can stand, and be carried past it, more than once. */
  readonly closings: readonly Closing[];
  /** Of each record its outcome; effects as if all changes are applied. What is closed is counted where it is. */
  readonly tally: Tally;
}

/**
 * Folds a slice of one partition and evolves the documents of its keys. Pure: any slicing of a partition, with restarts in between,
 * ends in the same states, changes and parked records. Parking withholds an effect, never a place: the fold goes on for a
 * key whose event cannot be processed, and its later effective events wait behind it.
 */
export function foldSlice(input: SliceInput): FoldedSlice {
  let { authority } = input;
  const states = new Map<string, StoredState>();
  const changes: Change[] = [];
  const parked: ParkedRecord[] = [];
  const closings: Closing[] = [];
  const outcomes: Record<Outcome | 'marker', number> = { ...tallyOf({}) };
  /** Keys whose document is another one now. */
  const evolved = new Set<string>();

  for (const item of input.items) {
    if (item.kind.type === 'marker') {
      authority = foldMarker(authority, item.kind.marker);
      outcomes.marker += 1;
      continue;
    }
    const { offset } = item.record;
    if (input.knownInvalid.has(offset)) {
      outcomes.invalid += 1;
      continue;
    }
    const { headers } = item.kind;
    const stored = states.get(headers.key) ?? input.states.get(headers.key) ?? NO_STATE;
    const folded = fold(authority, stored.keyState, headers);
    if (folded.outcome === 'invalid' || headers.id === undefined || headers.origin === undefined) {
      outcomes.invalid += 1;
      parked.push(parkedRecord(item, { kind: 'invalid', error: invalid(authority, stored.keyState, item.kind) }));
      continue;
    }
    const { outcome, keyState } = folded;
    outcomes[outcome] += 1;
    const facts = {
      eventId: headers.id,
      origin: headers.origin,
      version: keyState.version,
      beforeLive: stored.keyState.liveness === 'live',
      afterLive: keyState.liveness === 'live',
    };
    if (outcome !== 'effective') {
      if (keyState !== stored.keyState) states.set(headers.key, { ...stored, ...moved(stored, keyState) });
      const { document } = stored;
      const event = 'event' in item.decoded ? item.decoded.event : undefined;
      changes.push(changeOf(item, headers, facts, { outcome, before: document, after: document, event }));
      continue;
    }
    // A whole state may pass a key that stands; anything else waits its turn behind what is parked.
    const waits = stored.parked && !carriesWholeState(input.entity, item.kind);
    const next = waits ? undefined : evolveOnce(input.entity, headers.key, stored.document, item.decoded);
    if (next === undefined || 'error' in next || 'error' in item.decoded) {
      const error = stored.parked || next === undefined || !('error' in next) ? undefined : next.error;
      states.set(headers.key, { ...stored, keyState, parked: true });
      parked.push(parkedRecord(item, { kind: 'state', error, change: facts }));
      continue;
    }
    const { event } = item.decoded;
    if (stored.parked) {
      closings.push({ key: headers.key, before: offset, eventId: facts.eventId, why: whyClosed(event) });
      // What is closed never had an effect: the key goes from the document that it stood at, whatever the fold says was between.
      facts.beforeLive = livenessOf(input.entity, stored.document) === 'live';
    }
    const { document } = next;
    const { effectsHeld } = stored;
    evolved.add(headers.key);
    states.set(headers.key, {
      keyState,
      document,
      appliedVersion: keyState.version,
      parked: false,
      effectsHeld,
      transformerVersion: input.entity.version,
      stateHash: undefined,
    });
    const what = { outcome, before: stored.document, after: document, event } as const;
    const effective = changeOf<EffectiveChange>(item, headers, facts, what);
    if (effectsHeld) parked.push(parkedRecord(item, { kind: 'effect', error: undefined, change: effective }));
    else changes.push(effective);
  }
  for (const key of evolved) {
    const state = states.get(key);
    if (state !== undefined) states.set(key, withHash(state));
  }
  const tally = tallyOf({ ...outcomes, applied: countEffective(changes) });
  return { authority, states, changes, parked, closings, tally };
}

/** Written out for the same reason as a change. */
function withHash(state: StoredState): StoredState {
  const { keyState, document, appliedVersion, parked, effectsHeld, transformerVersion } = state;
  const hash = stateHash(document);
  return { keyState, document, appliedVersion, parked, effectsHeld, transformerVersion, stateHash: hash };
}

/** What record and fold say of a change. */
type Facts = Pick<Change, 'eventId' | 'origin' | 'version' | 'beforeLive' | 'afterLive'>;

/** Written out, since there is one for each event: put together from parts it takes ten times the memory. */
export function changeOf<C extends Change>(
  { record, kind }: Pick<SliceItem, 'record' | 'kind'>,
  { key, expectedVersion = 0, contentHash }: EventHeaders,
  { eventId, origin, version, beforeLive, afterLive }: Facts,
  { outcome, before, after, event }: Pick<C, 'outcome' | 'before' | 'after' | 'event'>,
): C {
  const eventType = kind.type === 'event' ? kind.eventType : undefined;
  const { partition, offset, headers } = record;
  const change: Record<keyof Change, unknown> = {
    key,
    partition,
    offset,
    headers,
    eventId,
    eventType,
    origin,
    expectedVersion,
    contentHash,
    outcome,
    version,
    before,
    after,
    beforeLive,
    afterLive,
    event,
  };
  return change as unknown as C;
}

/** An import that brought nothing but a later epoch: the document is that of the new version too, unless it stands still. */
function moved(stored: StoredState, keyState: KeyState): Pick<StoredState, 'keyState' | 'appliedVersion'> {
  return { keyState, appliedVersion: stored.parked ? stored.appliedVersion : keyState.version };
}

function invalid(authority: Authority, keyState: KeyState, kind: RecordKind & { type: 'event' }): BanyanError {
  const { headers } = kind;
  const missing = (['id', 'origin', 'expectedVersion', 'epoch', 'liveness'] as const).filter(
    (name) => headers[name] === undefined,
  );
  const why =
    missing.length > 0
      ? `its key is no entity id, or these headers are missing or malformed: ${missing.join(', ')}`
      : headers.epoch !== undefined && headers.epoch > authority.epoch
        ? `it names epoch ${headers.epoch} and the partition is at ${authority.epoch}`
        : headers.expectedVersion !== undefined && headers.expectedVersion > keyState.version
          ? `it was decided on version ${headers.expectedVersion} and the key is at ${keyState.version}`
          : 'it is an import without a content hash';
  return new BanyanError('SINK_INVALID_EVENT', `The event takes no effect anywhere: ${why}. Look at who appended it.`, {
    data: { key: headers.key, missing },
  });
}
