import type { TakeBatch } from './batch-producer.js';

/** A partition whose batch is to be sent. */
export interface Turn {
  readonly topic: string;
  readonly partition: number;
  readonly take: TakeBatch;
  resolve(firstOffset: bigint | undefined): void;
  reject(error: unknown): void;
}

/**
 * The way to one broker: one request is out at a time, and the next one takes along every partition that waits by then, with the records
 * that it has by then. So a broker that is slow, or a disk, makes larger requests and not a longer queue; with nobody waiting a record goes
 * at once.
 */
export class LeaderLane {
  readonly #exchange: (turns: readonly Turn[]) => Promise<void>;
  #waiting: Turn[] = [];
  #running = false;

  /** @param exchange one request and its answer; settles every turn, never rejects */
  constructor(exchange: (turns: readonly Turn[]) => Promise<void>) {
    this.#exchange = exchange;
  }

  add(turn: Turn): void {
    this.#waiting.push(turn);
    if (this.#running) return;
    this.#running = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const turns = this.#waiting;
      this.#waiting = [];
      await this.#exchange(turns);
    }
    this.#running = false;
  }
}
