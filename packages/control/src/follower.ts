import type { LogRecord } from '@banyan/contracts';
import type { EventLog } from '@banyan/kafka';

export interface FollowerOptions {
  readonly log: EventLog;
  readonly topic: string;
  readonly pollMs: number;
  /** What it throws is tried again with the same record. */
  take(record: LogRecord): Promise<void>;
}

const RETRY_MS = 1_000;

/** Reads partition 0 from its beginning, in order, each record once, for as long as it is not stopped. */
export class Follower {
  readonly #options: FollowerOptions;
  /** Resolved by the next reading that begins after they came. */
  #waiting: (() => void)[] = [];
  #running: Promise<void> | undefined;
  #stopped = false;
  #next = 0n;
  #wakeUp: () => void = () => {};
  #woken = false;
  #done = false;
  #error: Error | undefined;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  get caughtUp(): boolean {
    return this.#done;
  }

  get lastError(): Error | undefined {
    return this.#error;
  }

  /** Resolves when everything that was in the log at the call was read. */
  follow(): Promise<void> {
    const read = new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
    if (this.#running === undefined) this.#running = this.#run();
    else this.wake();
    return read;
  }

  /** There may be something new. */
  wake(): void {
    this.#woken = true;
    this.#wakeUp();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const waiting = this.#waiting.splice(0);
      try {
        await this.#readOn();
        this.#error = undefined;
        this.#done = true;
        for (const resolve of waiting) resolve();
        await this.#rest(this.#options.pollMs);
      } catch (error) {
        this.#waiting.unshift(...waiting);
        this.#error = error instanceof Error ? error : new Error(String(error));
        await this.#rest(RETRY_MS);
      }
    }
  }

  async #readOn(): Promise<void> {
    const { log, topic, take } = this.#options;
    this.#woken = false;
    const end = (await log.ends(topic)).find(({ partition }) => partition === 0)?.high ?? 0n;
    // Also asked for where the end lies before the position: then the log is not the one that was read, and it says so.
    if (end === this.#next) return;
    for await (const record of log.read(topic, 0, this.#next, end)) {
      if (this.#stopped) return;
      await take(record);
      this.#next = record.offset + 1n;
    }
  }

  async #rest(ms: number): Promise<void> {
    if (this.#woken || this.#stopped) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wakeUp = () => {};
  }
}
