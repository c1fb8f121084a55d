import { setTimeout as delay } from 'node:timers/promises';
import { isBanyanError } from '@banyan/core';
import type { Log } from '@banyan/service';
import type { ForgettingMetrics } from './forgetting-metrics.js';

/** Something that is kept for a time only. */
export interface Forgetful {
  /** `keys`, `receipts`: a label. */
  readonly kind: string;
  /** Forgets at most `limit` of what is too old. Returns how many. Safe with several processes. */
  forgetOld(limit: number): Promise<number>;
  /** Age of the oldest that is kept, seconds. */
  oldestSeconds(): Promise<number>;
}

export interface ForgettingOptions {
  readonly of: readonly Forgetful[];
  readonly metrics: ForgettingMetrics;
  readonly logger: Log;
  /** At most so many rows in one statement; default 1,000. */
  readonly batch?: number;
  /** Between two rounds, milliseconds; default one minute. */
  readonly everyMs?: number;
}

/** A batch locks its rows for some 10 ms; the pause behind a full one leaves the database to callers, milliseconds. */
const BATCH = 1_000;
const BREATH_MS = 50;
const EVERY_MS = 60_000;

/**
 * The background job that forgets idempotency keys and receipts after their time. Every instance runs it, from its start on: batches pass
 * over rows that another one is deleting. What cannot be forgotten now is forgotten later, and the age of the oldest tells.
 */
export class Forgetting {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  constructor(private readonly options: ForgettingOptions) {}

  start(): void {
    this.running ??= this.run();
  }

  /** Resolves when the batch under way is done. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** All that is too old now, batch by batch. Throws what the store throws. */
  async round(): Promise<void> {
    const { of, metrics, batch = BATCH } = this.options;
    for (const forgetful of of) {
      for (let gone = batch; gone === batch && !this.stopping.signal.aborted; ) {
        gone = await forgetful.forgetOld(batch);
        metrics.forgotten(forgetful.kind, gone);
        if (gone === batch) await this.pause(BREATH_MS);
      }
      metrics.oldest(forgetful.kind, await forgetful.oldestSeconds());
    }
  }

  private async run(): Promise<void> {
    const { logger, everyMs = EVERY_MS } = this.options;
    while (!this.stopping.signal.aborted) {
      await this.round().catch((error: unknown) => {
        const code = isBanyanError(error) ? error.code : undefined;
        const why = error instanceof Error ? error.message : String(error);
        logger.warn({ code, ...(code === undefined ? { err: error } : {}) }, `old keys and receipts stay: ${why}`);
      });
      await this.pause(everyMs);
    }
  }

  private async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.stopping.signal, ref: false }).catch(() => undefined);
  }
}
