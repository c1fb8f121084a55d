import type { SinkStore } from '../sink-store.js';

/** An effect of the suites: a row of a table that lies beside the sink's. */
export interface EffectRow {
  readonly key: string;
  readonly version: number;
  readonly text: string;
}

/** A database for one test, as the suites use it that both stores pass. */
export interface SinkWorld<Tx> {
  /** The store of a process more. @param consumer default `note` */
  store(consumer?: string): SinkStore<Tx>;
  /** Writes an effect; refused as a row (SQLSTATE 23 and 22) when the key has that version already, and above 36 characters until `widen`. */
  put(tx: Tx, row: EffectRow): Promise<void>;
  widen(): Promise<void>;
  /** The committed effects, sorted: last character of the key, version, `:`, text. */
  rows(): Promise<readonly string[]>;
  /** Ends the connection under a transaction, as when its process dies. */
  cut(tx: Tx): Promise<void>;
  /** Sets every position back to 0. */
  rewind(): Promise<void>;
  /** Makes what is parked of a key a minute older than now. */
  age(key: string): Promise<void>;
  /** Resolves when some transaction waits for another one's lock. */
  someoneWaits(): Promise<void>;
  /** Hears what is told of positions from now on. */
  listen(): Promise<Ear>;
}

export interface Ear {
  /** The next payload that was not asked for yet. */
  next(): Promise<string>;
  close(): Promise<void>;
}

/** Where worlds come from: one server, or nothing at all. */
export interface SinkWorlds<Tx> {
  world(): Promise<SinkWorld<Tx>>;
  close(): Promise<void>;
}

/** Payloads in the order they come, each given to one who asks. */
export class Payloads {
  readonly #heard: string[] = [];
  readonly #asking: ((payload: string) => void)[] = [];

  push(payload: string): void {
    const asking = this.#asking.shift();
    if (asking === undefined) this.#heard.push(payload);
    else asking(payload);
  }

  next(): Promise<string> {
    const heard = this.#heard.shift();
    return heard === undefined ? new Promise((resolve) => this.#asking.push(resolve)) : Promise.resolve(heard);
  }
}
