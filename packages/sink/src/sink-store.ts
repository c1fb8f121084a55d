import type { LogRecord } from '@banyan/contracts';
import type { Authority, BanyanError } from '@banyan/core';
import type { ClosedEntry, ParkedEntry, StoredState } from '@banyan/postgres';
import type { PartitionBooks, PartitionTally, Tally } from './books.js';
import type { ParkedChange, ParkedRecord } from './parked-record.js';
import type { RepairReads, RepairTx } from './repair-store.js';
import type { Closing } from './whole-state.js';

/**
 * What one consumer keeps: the position and authority of each partition, the states of the keys, and what is parked. One adapter over
 * PostgreSQL, one twin in memory; both pass `sink-store.contract.ts`.
 *
 * - Every call throws `POSTGRES_UNAVAILABLE` (retryable) when the store is away; it may be repeated. What stands outside a
 *   transaction is a transaction by itself, and sees what is committed.
 * - Keys are entity ids, UUIDs in lower case; only what is parked may have another key, or none.
 */
export interface SinkStore<Tx> extends RepairReads {
  /** Whose rows these are. */
  readonly consumer: string;
  /** Makes the rows of all partitions, at offset 0, where they are missing. */
  prepare(partitions: number): Promise<void>;
  /** The stored position; makes the row, at 0, when the partition was never read. */
  position(partition: number): Promise<bigint>;
  /**
   * Commits when `work` resolves; leaves nothing when it throws, and throws that on. After `POSTGRES_UNAVAILABLE` during the commit
   * nobody knows whether it took place: the guard of `takePosition` turns the repeat into nothing.
   */
  transaction<T>(work: (tx: SinkTx<Tx>) => Promise<T>): Promise<T>;
  /** As in a transaction; what it answers may have changed by the time a transaction begins. */
  loadParked(key: string): Promise<readonly StoredParked[]>;
  /** What stands still and why, oldest first, at most 1,000. @param key its entries alone */
  parked(key?: string): Promise<readonly ParkedEntry[]>;
  /** What was closed last first, at most 100; of a key, or of all. */
  closed(key?: string): Promise<readonly ClosedEntry[]>;
  status(): Promise<SinkStatus>;
  /** Costs as many look-ups as keys stand, however many events wait behind them: it is asked every few seconds. */
  standing(): Promise<Standing>;
  /** What became of every record, of each partition that has a row, by partition; counts what is parked where it lies. */
  books(): Promise<readonly PartitionBooks[]>;
  /** The same without what is parked: cheap, however much that is. */
  tallies(): Promise<readonly PartitionTally[]>;
}

/**
 * One transaction. `takePosition` or `lockPosition` comes first: it is the lock that keeps slices and replays of a partition apart,
 * and what is read before it may be what another one is about to change.
 */
export interface SinkTx<Tx> extends RepairTx {
  /** The transaction itself, for effects that commit together with all this. Its errors carry their SQLSTATE as `code`. */
  readonly handle: Tx;
  /**
   * Moves the position of a partition and locks it until the transaction ends; answers how it stands there. Throws
   * `POSITION_TAKEN` when the position is not the expected one: another member has moved it, this one is late.
   */
  takePosition(move: PositionMove): Promise<Taken>;
  /** Locks a partition against slices without moving it, a turn of its own; answers the position, 0 when the partition was never read. */
  lockPosition(partition: number): Promise<bigint>;
  saveAuthority(partition: number, authority: Authority): Promise<void>;
  /**
   * Adds to the books of a partition, and tells everyone who waits for a position: heard when the transaction commits, never when it does
   * not. @param tally default: nothing was counted
   */
  notifyPosition(partition: number, next: bigint, tally?: Tally): Promise<void>;
  /** Keys that no event ever named are missing. */
  readStates(keys: readonly string[]): Promise<ReadonlyMap<string, StoredState>>;
  /** Writes over what is there. Documents must be what JSON and jsonb can hold. */
  saveStates(states: ReadonlyMap<string, StoredState>): Promise<void>;
  /** Keeps records with their bytes; a record that is kept already stays as it is. Text that cannot be stored is mended. */
  saveParked(records: readonly ParkedRecord[]): Promise<void>;
  /** Ends what stands still of the states of these keys, in this order; it is kept, as closed. Answers how many events. */
  closeParked(closings: readonly Closing[]): Promise<number>;
  /** What is parked of a key, in log order; without its invalid events. */
  loadParked(key: string): Promise<readonly StoredParked[]>;
  /** Forgets records that are done. */
  releaseParked(ids: readonly number[]): Promise<void>;
  /** Their states have evolved; what is left of these records is the effect, the first of them for a reason. */
  restateParked(held: readonly Pick<StoredParked, 'id' | 'change'>[], reason: BanyanError | undefined): Promise<void>;
  /** Says why a record still stands. */
  parkedBecause(id: number, error: BanyanError): Promise<void>;
  /**
   * Runs `work` behind a savepoint. When it answers a failure, what it wrote is taken back, also what the store refused, and the
   * transaction goes on; undefined keeps it. A throw goes through, and the transaction is of no more use.
   */
  attempt<F extends Error>(work: () => Promise<F | undefined>): Promise<F | undefined>;
}

export interface PositionMove {
  readonly partition: number;
  readonly expected: bigint;
  readonly next: bigint;
}

/** How a partition stands for who has taken its position. */
export interface Taken {
  readonly authority: Authority;
  /**
   * One more than in the last transaction that took or locked the position and committed: who had two turns in a row knows that nobody
   * changed a state in between.
   */
  readonly turn: number;
  /** Offsets of the move that are kept as invalid: the log is read again. */
  readonly knownInvalid: ReadonlySet<bigint>;
}

/** A parked record of a key, in the form it is replayed from. */
export interface StoredParked {
  readonly id: number;
  readonly kind: 'state' | 'effect';
  readonly change: ParkedChange;
  readonly record: Pick<LogRecord, 'partition' | 'offset' | 'key' | 'value' | 'headers'>;
}

export interface SinkStatus {
  readonly consumer: string;
  /** Keys that stand: their state, or their effects. */
  readonly parked: number;
  /** Events that wait behind the first parked one of their key. */
  readonly waiting: number;
  /** Events that took no effect anywhere and are kept for a person. */
  readonly invalid: number;
  /** Keys of which it is known that what was made of them is not what their state says. */
  readonly unlike: number;
  /** That of the partition which is furthest behind; an epoch holds once all partitions have it. */
  readonly authority: Authority;
}

/** Keys that stand, for an alert. */
export interface Standing {
  /** Their state, or their effects; at most 1,000 are counted. */
  readonly keys: number;
  /** Since the one that stands longest was parked. */
  readonly oldestSeconds: number;
  /** Keys that are marked unlike. */
  readonly unlike: number;
}
