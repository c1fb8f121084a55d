import type { StoredState } from '@banyan/postgres';
import type { SinkStore } from '@banyan/sink';
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
  /** Sends, oldest first. */
  work(): Promise<readonly SeenWork[]>;
  intents(): Promise<readonly SeenIntent[]>;
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
  await sink.transaction(async (tx) => {
    await tx.takePosition({ partition: 0, expected: await sink.position(0), next: (await sink.position(0)) + 1n });
    await tx.saveStates(new Map([[key, state]]));
  });
}
