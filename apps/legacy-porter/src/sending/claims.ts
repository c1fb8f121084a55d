import type { Clock } from '@banyan/core';
import type { PorterStore } from '../store/porter-store.js';
import type { Holder, Work } from '../store/work.js';

/** Longer than PostgreSQL may take for a claim whose caller has lost it. */
const LOST_CLAIM_MS = 15_000;

export interface ClaimsOptions {
  readonly store: PorterStore;
  readonly consumers: readonly string[];
  readonly holder: Holder;
  readonly clock: Clock;
}

/**
 * The claims of one process. Where the answer to a claim is lost, what it claimed is held by a process that lives and does not know
 * of it: nobody else may free it, so it is given back here before anything else is claimed.
 */
export class Claims {
  readonly #options: ClaimsOptions;
  readonly #held = new Set<string>();
  #doubtUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: ClaimsOptions) {
    this.#options = options;
  }

  /** Up to `limit` sends that may begin now, at most one per key. Never twice at once; each is held before the next call. */
  readonly claim = async (limit: number): Promise<readonly Work[]> => {
    const { store, consumers, holder, clock } = this.#options;
    if (clock.monotonic() < this.#doubtUntilMs) await store.alone.freeUnanswered(holder, [...this.#held]);
    try {
      return await store.alone.claimWork(consumers, holder, limit);
    } catch (error) {
      this.#doubtUntilMs = clock.monotonic() + LOST_CLAIM_MS;
      throw error;
    }
  };

  async hold<T>(work: Work, send: () => Promise<T>): Promise<T> {
    this.#held.add(work.claim);
    try {
      return await send();
    } finally {
      this.#held.delete(work.claim);
    }
  }
}
