import type { Slice, SliceHandler } from '@banyan/kafka';
import { type ClosedEntry, NO_STATE, type ParkedEntry, type StoredState, together } from '@banyan/postgres';
import { ApplyFailed, applyOrFail, effectFailed, tryApply } from './apply.js';
import { countEffective, type PartitionBooks, type PartitionTally } from './books.js';
import { decodeAll, type SliceItem } from './decode.js';
import { type DiscardOrder, discardParked } from './discard-parked.js';
import { type FoldedSlice, foldSlice } from './fold-slice.js';
import { KnownStates } from './known-states.js';
import { withheld } from './parked-record.js';
import { type Replayed, replayKey } from './replay.js';
import type { SinkOptions } from './sink-options.js';
import type { SinkStatus, SinkTx, Standing } from './sink-store.js';

export interface Sink extends SliceHandler {
  /** Makes the rows of all partitions, at offset 0, where they are missing. Before the first slice. */
  prepare(partitions: number): Promise<void>;
  /** Lets the parked events of a key go on, in order, until none is left or one fails again. */
  replay(key: string): Promise<Replayed>;
  /** Gives up the effect that a key stands behind; what waits behind it goes on. */
  discard(order: DiscardOrder): Promise<Replayed>;
  /** What stands still and why, oldest first. */
  parked(key?: string): Promise<readonly ParkedEntry[]>;
  /** What stood and never goes on, the last first, at most 100; of a key, or of all. */
  closed(key?: string): Promise<readonly ClosedEntry[]>;
  status(): Promise<SinkStatus>;
  /** How many keys stand, and how long: cheap, however much waits behind them. */
  standing(): Promise<Standing>;
  /** What became of every record, by partition: costs as many rows as there are partitions, and a count of what is parked. */
  books(): Promise<readonly PartitionBooks[]>;
  /** The same without what is parked: cheap, however much that is. */
  tallies(): Promise<readonly PartitionTally[]>;
}

/**
 * A consumer's store: the fold, its documents, and the effects of a slice, all in one transaction with the position. Everything here
 * throws `POSTGRES_UNAVAILABLE` (retryable) when PostgreSQL is away; `handle` throws `POSITION_TAKEN` for a slice that
 * another member has handled, and what the codec throws when the registry is away.
 */
export function createSink<Tx>(options: SinkOptions<Tx>): Sink {
  const { store, entity, codec, apply } = options;
  const types = new Set(entity.events.map((type) => type.name));
  const known = new KnownStates();

  /** @param atOnce one apply for the whole slice; else key by key, to find whose failure it is, and the others go on */
  const attempt = (slice: Slice, items: readonly SliceItem[], atOnce: boolean): Promise<Left> =>
    store.transaction(async (tx) => {
      const { partition } = slice;
      const { first, last } = endsOf(slice);
      const next = last + 1n;
      // The guard first: it locks the row, so that a zombie, a replay and the owner take turns, and what is read behind it is
      // what the last of them left.
      const keys = keysOf(items);
      const belief = known.about(partition, keys);
      const [{ authority, turn, knownInvalid }, read] = await together(
        tx.takePosition({ partition, expected: first, next }),
        tx.readStates([...keys].filter((key) => !belief.states.has(key))),
      );
      const others = belief.holdsIn(turn) ? belief.states : await tx.readStates([...belief.states.keys()]);
      const states = merged(read, others);
      const folded = foldSlice({ entity, authority, states, knownInvalid, items });
      const saved = together(
        tx.saveStates(folded.states),
        tx.saveParked(folded.parked),
        tx.closeParked(folded.closings),
        folded.authority === authority ? undefined : tx.saveAuthority(partition, folded.authority),
      );
      // Nearly always none, and then nothing that follows waits for an answer.
      const discarded = folded.closings.length === 0 ? 0 : (await saved)[2];
      const tally = { ...folded.tally, discarded };
      if (atOnce) {
        await together(saved, applyOrFail(apply, tx, folded.changes), tx.notifyPosition(partition, next, tally));
      } else {
        await saved;
        const withheldEffects = await applyKeyByKey(tx, folded, { states, items });
        await tx.notifyPosition(partition, next, { ...tally, applied: tally.applied - withheldEffects });
      }
      return { turn, states: folded.states };
    });

  /** @returns effects of effective events that are parked instead */
  const applyKeyByKey = async (
    tx: SinkTx<Tx>,
    folded: FoldedSlice,
    loaded: { readonly states: ReadonlyMap<string, StoredState>; readonly items: readonly SliceItem[] },
  ): Promise<number> => {
    const held = new Map<string, StoredState>();
    let withheldEffects = 0;
    const items = new Map(loaded.items.map((item) => [item.record.offset, item]));
    for (const [key, changes] of Map.groupBy(folded.changes, (change) => change.key)) {
      const failure = await tryApply(apply, tx, changes);
      if (failure === undefined) continue;
      await tx.saveParked(withheld(changes, items, effectFailed(entity.name, key, failure)));
      const state = folded.states.get(key) ?? loaded.states.get(key) ?? NO_STATE;
      held.set(key, { ...state, effectsHeld: true });
      withheldEffects += countEffective(changes);
    }
    await tx.saveStates(held);
    return withheldEffects;
  };

  return {
    prepare: (partitions) => store.prepare(partitions),
    position: (partition) => {
      // Whoever asks begins anew, and somebody may have had the partition who counts no turns: a database that was put back counts the same ones
      // again, over other states.
      known.forget(partition);
      return store.position(partition);
    },
    handle: async (slice) => {
      // Outside the transaction: the registry may be asked, and a lock held meanwhile would stop replays.
      const items = await decodeAll(codec, types, slice.records);
      const { partition } = slice;
      try {
        const { turn, states } = await attempt(slice, items, true);
        known.keep(partition, turn, states);
      } catch (error) {
        known.forget(partition);
        if (!(error instanceof ApplyFailed)) throw error;
        await attempt(slice, items, false);
      }
    },
    replay: (key) => replayKey(options, types, key),
    discard: (order) => discardParked(options, types, order),
    parked: (key) => store.parked(key),
    closed: (key) => store.closed(key),
    status: () => store.status(),
    standing: () => store.standing(),
    books: () => store.books(),
    tallies: () => store.tallies(),
  };
}

/** What a slice left of the keys that it changed. */
interface Left {
  readonly turn: number;
  readonly states: ReadonlyMap<string, StoredState>;
}

function merged<V>(some: ReadonlyMap<string, V>, others: ReadonlyMap<string, V>): ReadonlyMap<string, V> {
  if (others.size === 0) return some;
  return some.size === 0 ? others : new Map([...some, ...others]);
}

function endsOf({ records }: Slice): { readonly first: bigint; readonly last: bigint } {
  const first = records[0];
  const last = records.at(-1);
  if (first === undefined || last === undefined) throw new RangeError('a slice is never empty');
  return { first: first.offset, last: last.offset };
}

/** Keys that can have a state; a record with another key folds as invalid. */
function keysOf(items: readonly SliceItem[]): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const { kind } of items) if (kind.type === 'event' && kind.headers.id !== undefined) keys.add(kind.headers.key);
  return keys;
}
