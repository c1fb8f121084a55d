import type { StoredState } from '@banyan/postgres';

/**
 * Of one partition: the keys that had events last, with room for those that most events are of. A state with its document takes two to three
 * kilobytes.
 */
const MOST_KEYS = 2_000;

interface Known {
  readonly turn: number;
  /** Those of the latest slices last. */
  readonly states: Map<string, StoredState>;
}

const NONE: ReadonlyMap<string, StoredState> = new Map();

/**
 * The states that slices of this process left, so that the next one need not read them. They are what the store has as long as nobody else
 * had a turn at the partition: a member that took it over and lost it again, a replay, or whatever a transaction did whose answer was lost.
 */
export class KnownStates {
  readonly #partitions = new Map<number, Known>();
  readonly #mostKeys: number;

  constructor(mostKeys = MOST_KEYS) {
    this.#mostKeys = mostKeys;
  }

  /** What is known in a turn: nothing, unless the turn before it was of this process, and is known to have committed. */
  in(partition: number, turn: number): ReadonlyMap<string, StoredState> {
    const known = this.#partitions.get(partition);
    return known !== undefined && known.turn + 1 === turn ? known.states : NONE;
  }

  /** What a slice read or left. Only once its transaction has committed. */
  keep(partition: number, turn: number, left: ReadonlyMap<string, StoredState>): void {
    const before = this.#partitions.get(partition);
    const states = before !== undefined && before.turn + 1 === turn ? before.states : new Map<string, StoredState>();
    for (const [key, state] of left) {
      states.delete(key);
      states.set(key, state);
    }
    for (const key of states.keys()) {
      if (states.size <= this.#mostKeys) break;
      states.delete(key);
    }
    this.#partitions.set(partition, { turn, states });
  }

  forget(partition: number): void {
    this.#partitions.delete(partition);
  }
}
