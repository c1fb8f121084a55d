import { GiveUp, type Log, pause } from '@banyan/service';
import type { Projector } from './projector.js';
import type { ConsumerReport } from './projector-consumer.js';

export interface BuildingOptions {
  readonly database: string;
  /** One that has not been started; it says to `gaveUp` what it cannot mend by waiting. */
  readonly projector: (gaveUp: GiveUp) => BuildingProjector;
  readonly logger: Log;
  /** Behind a projector that could not go on, until the next one is begun, milliseconds. Default 10,000. */
  readonly againMs?: number;
}

export type BuildingProjector = Pick<
  Projector,
  'start' | 'begun' | 'stop' | 'status' | 'waitsFor' | 'names' | 'running'
>;

const AGAIN_MS = 10_000;

/** A V2 that is being made anew: its projector, and another one where that could not go on. The running V2 goes on whatever happens here. */
export class Building {
  readonly database: string;
  readonly #options: BuildingOptions;
  readonly #ending = new AbortController();
  readonly #done: Promise<void>;
  readonly #againMs: number;
  #projector: BuildingProjector;
  #gaveUp = new GiveUp();
  /** Why the projector before this one could not go on, until this one runs. */
  #failed: string | undefined;

  constructor(options: BuildingOptions) {
    this.database = options.database;
    this.#options = options;
    this.#againMs = options.againMs ?? AGAIN_MS;
    this.#projector = this.#begun();
    this.#done = this.#goOn();
  }

  /** The one that is at it now. */
  get projector(): BuildingProjector {
    return this.#projector;
  }

  /** Finishes what it is at, and leaves the groups. */
  stop(): Promise<void> {
    this.#ending.abort();
    return this.#done;
  }

  /** `waitsFor`: why it does not run, null = it does. */
  async status(): Promise<{ readonly waitsFor: string | null; readonly consumers: readonly ConsumerReport[] }> {
    const waitsFor = this.#failed ?? this.#projector.waitsFor;
    if (waitsFor !== undefined) return { waitsFor, consumers: [] };
    try {
      return { waitsFor: null, consumers: await this.#projector.status() };
    } catch (error) {
      return { waitsFor: error instanceof Error ? error.message : String(error), consumers: [] };
    }
  }

  #begun(): BuildingProjector {
    const gaveUp = new GiveUp();
    const projector = this.#options.projector(gaveUp);
    projector.start();
    // It also ends its beginning when it is stopped, for what it has given up.
    void projector.begun().then(() => {
      if (gaveUp.hopeless.length === 0) this.#failed = undefined;
    });
    this.#gaveUp = gaveUp;
    return projector;
  }

  async #goOn(): Promise<void> {
    const { signal } = this.#ending;
    const ended = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    for (;;) {
      await Promise.race([this.#gaveUp.told, ended]);
      await this.#projector.stop();
      if (signal.aborted) return;
      this.#failed = this.#toldWhy();
      await pause(this.#againMs, signal);
      if (signal.aborted) return;
      this.#projector = this.#begun();
    }
  }

  #toldWhy(): string {
    const { database } = this;
    const [first] = this.#gaveUp.hopeless;
    const why = `${first?.part} cannot go on: ${first?.error.message}`;
    this.#options.logger.error(
      { code: 'PROJECTOR_REBUILD_FAILED', database },
      `V2 in ${database}: ${why}; it is begun again every ${this.#againMs / 1_000} s, and banyan rebuild end ${database} ends it`,
    );
    return why;
  }
}
