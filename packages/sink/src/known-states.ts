import type { StoredState } from '@banyan/postgres';

/**
 * Of all partitions, shared equally: the keys that had events last, with room for those that most events are of. A state with its document takes two to
 * three kilobytes, and a process may have three entities and all their partitions.
 */
const MOST_KEYS = 12_000;

interface Known {
  readonly turn: number;
  /** Those of the latest slices last. */
  readonly states: Map<string, StoredState>;
}

export interface Belief {
  readonly states: ReadonlyMap<string, StoredState>;
  /** Whether it is what the store has in a turn: the turn before it was of this process, and is known to have committed. */
  holdsIn(turn: number): boolean;
}

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

  /** Of these keys what is known, and when it may be believed. A copy: other partitions may need the room meanwhile. */
  about(partition: number, keys: Iterable<string>): Belief {
    const known = this.#partitions.get(partition);
    const states = new Map<string, StoredState>();
    if (known === undefined) return { states, holdsIn: () => false };
    const { turn } = known;
    for (const key of keys) {
      const state = known.states.get(key);
      if (state !== undefined) states.set(key, state);
    }
    return { states, holdsIn: (next) => next === turn + 1 && this.#partitions.get(partition) === known };
  }

  /** What a slice left of the keys that it changed. Only once its transaction has committed. */
  keep(partition: number, turn: number, left: ReadonlyMap<string, StoredState>): void {
    const before = this.#partitions.get(partition);
    const states = before !== undefined && before.turn + 1 === turn ? before.states : new Map<string, StoredState>();
    this.#partitions.set(partition, { turn, states });
    const most = Math.floor(this.#mostKeys / this.#partitions.size);
    // Those that would be dropped again at once are left out; an older state of theirs is dropped with all that is older than the others.
    let over = left.size - most;
    left.forEach((state, key) => {
      over -= 1;
      if (over >= 0) return;
      states.delete(key);
      states.set(key, state);
    });
    for (const known of this.#partitions.values()) dropOldest(known.states, most);
  }

  forget(partition: number): void {
    this.#partitions.delete(partition);
  }
}

function dropOldest(states: Map<string, StoredState>, most: number): void {
  for (const key of states.keys()) {
    if (states.size <= most) break;
    states.delete(key);
  }
}
