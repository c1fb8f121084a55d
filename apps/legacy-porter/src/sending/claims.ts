import type { Clock } from '@banyan/core';
import type { PorterStore } from '../store/porter-store.js';
import type { Holder, Work } from '../store/work.js';
import type { Lanes } from './lanes.js';

/** Longer than PostgreSQL may take for a claim whose caller has lost it. */
const LOST_CLAIM_MS = 15_000;

export interface ClaimsOptions {
  readonly store: PorterStore;
  readonly lanes: Lanes;
  readonly holder: Holder;
  readonly clock: Clock;
}

/**
 * The claims of one process for some consumers, which no other `Claims` of it has. Where the answer to a claim is lost, what it claimed is held by a process that lives and does not know
 * of it: nobody else may free it, so it is given back here before anything else is claimed.
 */
export class Claims {
  readonly #options: ClaimsOptions;
  /** Consumer by claim. */
  readonly #held = new Map<string, string>();
  /** Claims among them whose send legacy has answered. */
  readonly #answered = new Set<string>();
  #doubtUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: ClaimsOptions) {
    this.#options = options;
  }

  /**
   * Up to `limit` sends that may begin now, at most one per key, and of each port as many as its lane has room for. Never twice at once; each is
   * held before the next call.
   */
  readonly claim = async (limit: number): Promise<readonly Work[]> => {
    const { store, lanes, holder, clock } = this.#options;
    if (clock.monotonic() < this.#doubtUntilMs) {
      await store.alone.freeUnanswered(lanes.consumers, holder, [...this.#held.keys()]);
    }
    try {
      const claimed: Work[] = [];
      for (const { consumers, room } of lanes.open((consumer) => this.#unanswered(consumer))) {
        const most = Math.min(room, limit - claimed.length);
        if (most > 0) claimed.push(...(await store.alone.claimWork(consumers, holder, most)));
      }
      return claimed;
    } catch (error) {
      this.#doubtUntilMs = clock.monotonic() + LOST_CLAIM_MS;
      throw error;
    }
  };

  #unanswered(consumer: string): number {
    return [...this.#held].filter(([claim, one]) => one === consumer && !this.#answered.has(claim)).length;
  }

  /** @param send until what became of it is written; `answered`: its target has */
  async hold<T>({ claim, consumer }: Work, send: (answered: () => void) => Promise<T>): Promise<T> {
    this.#held.set(claim, consumer);
    try {
      return await send(() => this.#answered.add(claim));
    } finally {
      this.#held.delete(claim);
      this.#answered.delete(claim);
    }
  }
}
