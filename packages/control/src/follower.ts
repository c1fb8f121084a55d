import type { LogRecord } from '@banyan/contracts';
import { BanyanError, type Clock } from '@banyan/core';
import type { EventLog } from '@banyan/kafka';

export interface FollowerOptions {
  readonly log: EventLog;
  readonly topic: string;
  readonly pollMs: number;
  readonly clock: Clock;
  /** What it throws is tried again with the same record. */
  take(record: LogRecord): Promise<void>;
  /** The log does not continue where it was read; nothing of it is taken any more. @param knew it had been read to its end before */
  onLost?(error: BanyanError, knew: boolean): void;
}

const RETRY_MS = 1_000;
/** One look at the log, or one record of it, takes no longer; below the 20 s after which a follower counts as dead, milliseconds. */
const STEP_MS = 15_000;
/** A gap is believed when it stays: a new leader may know an older end for a moment. */
const LOST_TIMES = 3;

/** Reads partition 0 from its beginning, in order, each record once, for as long as it is not stopped. */
export class Follower {
  readonly #options: FollowerOptions;
  /** Resolved by the next reading that begins after they came. */
  #waiting: (() => void)[] = [];
  #running: Promise<void> | undefined;
  readonly #stopping = new AbortController();
  #next = 0n;
  #wakeUp: () => void = () => {};
  #woken = false;
  #done = false;
  #error: Error | undefined;
  #triedAtMs: number;
  #gaps = 0;
  #lost = false;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#triedAtMs = options.clock.monotonic();
  }

  get caughtUp(): boolean {
    return this.#done;
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  get lastError(): Error | undefined {
    return this.#error;
  }

  /** Milliseconds since it last tried to read, or took what it had read; 0 before it has begun, and once it was stopped or has lost its log. */
  get sinceTriedMs(): number {
    if (this.#running === undefined || this.#stopped || this.#lost) return 0;
    return this.#options.clock.monotonic() - this.#triedAtMs;
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

  /** Waits for a record that is being taken, not for a log that does not answer. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped && !this.#lost) {
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
        if (this.#lost) this.#options.onLost?.(error as BanyanError, this.#done);
        else await this.#rest(RETRY_MS);
      }
    }
  }

  async #readOn(): Promise<void> {
    const { log, topic, take } = this.#options;
    this.#woken = false;
    const ends = await this.#step(log.ends(topic));
    const { low = 0n, high: end = 0n } = ends.find(({ partition }) => partition === 0) ?? {};
    this.#requireContinued(low, end);
    if (end === this.#next) return;
    const records = log.read(topic, 0, this.#next, end)[Symbol.asyncIterator]();
    for (;;) {
      const { done, value: record } = await this.#step(records.next());
      if (done === true || this.#stopped) return;
      await take(record);
      this.#next = record.offset + 1n;
    }
  }

  /** Read on in another log, the fold would hold a mixture of both: what was said in one, on top of what was said in the other. */
  #requireContinued(low: bigint, high: bigint): void {
    if (low <= this.#next && this.#next <= high) {
      this.#gaps = 0;
      return;
    }
    this.#gaps += 1;
    this.#lost = this.#gaps >= LOST_TIMES;
    throw controlLost(this.#options.topic, { read: this.#next, low, high });
  }

  /** What hangs is tried anew; what it would still have answered is not missed, since the position has not moved. */
  async #step<T>(work: Promise<T>): Promise<T> {
    this.#triedAtMs = this.#options.clock.monotonic();
    const { signal } = this.#stopping;
    // Of this step alone: on a promise that lives as long as the follower, every race would leave a reaction, and its result with it.
    const { promise: ended, reject } = Promise.withResolvers<never>();
    const onStop = () => reject(new Error('nobody follows any more'));
    const timer = setTimeout(() => reject(new Error(`the log did not answer within ${STEP_MS} ms`)), STEP_MS);
    signal.addEventListener('abort', onStop);
    if (signal.aborted) onStop();
    try {
      return await Promise.race([work, ended]);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onStop);
      this.#triedAtMs = this.#options.clock.monotonic();
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

function controlLost(topic: string, { read, low, high }: { read: bigint; low: bigint; high: bigint }): BanyanError {
  return new BanyanError(
    'CONTROL_LOST',
    `The control log ${topic} holds offsets [${low}, ${high}) and was read up to ${read}: records were deleted or it was made anew, and nothing more of it is taken. ` +
      'Who has read it goes on by what it said; restore the topic before anything is started anew, or say modes, ports and pauses again behind that.',
    { data: { topic, read: String(read), low: String(low), high: String(high) } },
  );
}
