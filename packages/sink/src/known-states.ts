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
