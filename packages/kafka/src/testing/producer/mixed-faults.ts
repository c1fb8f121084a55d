import { setTimeout as delay } from 'node:timers/promises';
import type { ProduceFault, ProduceFaults } from '@banyan/stack/testing';
import { LATE_MS } from './arms.js';

/** Those that kafkajs comes out of as well. */
export const MENDED_FAULTS: readonly ProduceFault[] = [
  'answer-lost',
  'answer-reset',
  'answer-cut',
  'answer-cut-reset',
  'answer-late',
  'answer-swallowed',
  'request-lost',
  'request-late',
  'request-swallowed',
];
/** From one fault to the next. */
const PAUSE_MS = { least: 100, most: 500 };

/** One fault after the other, for the next produce request each, until it is stopped. */
export class MixedFaults {
  hits = 0;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;

  /** @param kinds which @param random from 0 to 1 */
  constructor(faults: ProduceFaults, kinds: readonly ProduceFault[], random: () => number) {
    this.#running = this.#run(faults, kinds, random);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(faults: ProduceFaults, kinds: readonly ProduceFault[], random: () => number): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const fault = kinds[Math.floor(random() * kinds.length)] ?? 'answer-lost';
      const armed = faults.arm(fault, { lateMs: LATE_MS });
      const ms = PAUSE_MS.least + random() * (PAUSE_MS.most - PAUSE_MS.least);
      await delay(ms, undefined, { signal }).catch(() => undefined);
      this.hits += armed.hits;
      faults.disarm();
    }
  }
}
