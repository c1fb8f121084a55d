import type { StoredState } from '@banyan/postgres';
import { type PartitionBooks, type SinkStore, type Tally, tallyOf } from '@banyan/sink';
import { type PorterRepairs, porterRepairs } from '../repairs/porter-repairs.js';
import type { SendingPort } from '../sending/sending-port.js';
import type { PorterStore } from '../store/porter-store.js';

/** A database for one test, as the suite uses it that both stores pass. */
export interface PorterWorld {
  /** The store of a process. */
  readonly store: PorterStore;
  /** The store of a process more. @param lost asked behind each change that took place: whether its answer is lost */
  losing(lost: () => boolean): PorterStore;
  /** Makes everything older that the store has a time for, milliseconds. */
  pass(ms: number): Promise<void>;
  /** Resolves when some transaction waits for another one's lock. */
  someoneWaits(): Promise<void>;
  /** The intake has seen the key deleted. @param consumer `order.backend` */
  deleted(consumer: string, key: string): Promise<void>;
  /** What people may do with the keys of a port, and the books of its intake. */
  repairs(port: SendingPort): RepairsOfWorld;
  /** The intake has seen the key as of a state. @param consumer `order.backend` */
  saved(consumer: string, key: string, state: StoredState): Promise<void>;
  /** An effect of the intake that a person gave up. */
  closedEffect(consumer: string, key: string, version: number): Promise<void>;
  /** Sends, oldest first. */
  work(): Promise<readonly SeenWork[]>;
  intents(): Promise<readonly SeenIntent[]>;
}

export interface RepairsOfWorld extends PorterRepairs {
  books(): Promise<readonly PartitionBooks[]>;
  /** Puts it into the books of partition 0, as an intake does. */
  count(tally: Partial<Tally>): Promise<void>;
}

export interface SeenWork {
  readonly key: string;
  readonly state: string;
  readonly attempts: number;
  readonly claimedBy: string | null;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
}

export interface SeenIntent {
  readonly key: string;
  readonly state: string;
  readonly attempt: number;
  readonly mayHaveArrived: boolean;
  readonly outcome: string | null;
  readonly legacyId: string | null;
}

/** Where worlds come from: one server, or nothing at all. */
export interface PorterWorlds {
  world(): Promise<PorterWorld>;
  close(): Promise<void>;
}

/** In schema `porter`. */
export async function saveDeleted<Tx>(sink: SinkStore<Tx>, key: string): Promise<void> {
  const state: StoredState = {
    keyState: { version: 2, liveness: 'deleted', owner: 'new', epoch: 0, recent: [] },
    document: undefined,
    appliedVersion: 2,
    parked: false,
    effectsHeld: false,
    transformerVersion: 1,
    stateHash: undefined,
  };
  await saveState(sink, key, state);
}

export async function saveState<Tx>(sink: SinkStore<Tx>, key: string, state: StoredState): Promise<void> {
  await sink.transaction(async (tx) => {
    await tx.takePosition({ partition: 0, expected: await sink.position(0), next: (await sink.position(0)) + 1n });
    await tx.saveStates(new Map([[key, state]]));
  });
}

export async function closeEffect<Tx>(sink: SinkStore<Tx>, key: string, version: number): Promise<void> {
  const change = { version, beforeLive: true, afterLive: true, outcome: 'effective' } as const;
  const record = { topic: 't', partition: 0, offset: BigInt(version), timestampMs: 0, key, value: null, headers: {} };
  await sink.transaction(async (tx) => {
    await tx.lockPosition(0);
    await tx.saveParked([
      { record, key, kind: 'effect', eventId: `e-${version}`, eventType: 'Happened', change, error: undefined },
    ]);
    for (const { id } of await tx.loadParked(key)) await tx.discardParked(id, { by: 'ann', reason: 'a test' });
  });
}

/** Every key is of partition 0. */
export function repairsOf<Tx>(store: PorterStore<Tx>, sinkStore: SinkStore<Tx>, port: SendingPort): RepairsOfWorld {
  return {
    ...porterRepairs({ store, sinkStore, port, partitionOf: () => 0, writer: 'porter-0', nowMs: () => 0 }),
    books: () => sinkStore.books(),
    count: async (tally) => {
      await sinkStore.prepare(1);
      await sinkStore.transaction(async (tx) => {
        await tx.lockPosition(0);
        await tx.notifyPosition(0, 0n, tallyOf(tally));
      });
    },
  };
}
