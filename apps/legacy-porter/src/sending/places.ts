import type { Clock } from '@banyan/core';

/** How the wait of a send for its place ended. */
export type Entry =
  | 'entered'
  /** The same, after so long that what was read for the send before may be of the past. */
  | 'entered-late'
  /** There will be none for a while: it goes back to the store unsent, where others see it. */
  | 'dismissed';

/** `later`: as many of its port as may are there. `not`: its port rests. */
export type MayEnter = 'now' | 'later' | 'not';

export interface PlacesOptions {
  readonly clock: Clock;
  /** Places that the target has now; 0 = it is left alone. */
  readonly limit: () => number;
  /** @param inside sends of a port that have a place */
  readonly mayEnter: (consumer: string, inside: (consumer: string) => number) => MayEnter;
}

const LATE_MS = 1_000;

interface Waiting {
  readonly consumer: string;
  readonly sinceMs: number;
  readonly resolve: (entry: Entry) => void;
}

/**
 * Sends that are ready for their target wait here until it bears one more. Reading and journalling lie before it, so that a place is
 * taken up by the exchange with the target alone. First come, first served, past those whose port has to wait.
 */
export class Places {
  readonly #options: PlacesOptions;
  readonly #inside = new Map<string, number>();
  #waiting: Waiting[] = [];
  #taken = 0;
  #isClosed = false;

  constructor(options: PlacesOptions) {
    this.#options = options;
  }

  /** How many have one. */
  get taken(): number {
    return this.#taken;
  }

  /** How many of a port have one. */
  readonly inside = (consumer: string): number => this.#inside.get(consumer) ?? 0;

  enter(consumer: string): Promise<Entry> {
    const { promise, resolve } = Promise.withResolvers<Entry>();
    this.#waiting.push({ consumer, sinceMs: this.#options.clock.monotonic(), resolve });
    this.admit();
    return promise;
  }

  /** Whoever entered leaves once. */
  leave(consumer: string): void {
    this.#taken -= 1;
    this.#inside.set(consumer, this.inside(consumer) - 1);
  }

  /** Lets in whoever may enter by now. */
  admit(): void {
    if (this.#waiting.length === 0) return;
    const limit = this.#isClosed ? 0 : this.#options.limit();
    const nowMs = this.#options.clock.monotonic();
    // What is said of a port holds for all its sends, until one enters: half a hundred wait, for each that is answered.
    const said = new Map<string, MayEnter>();
    const mayEnter = (consumer: string): MayEnter => {
      const may = said.get(consumer) ?? this.#options.mayEnter(consumer, this.inside);
      said.set(consumer, may);
      return may;
    };
    this.#waiting = this.#waiting.filter(({ consumer, sinceMs, resolve }) => {
      const may = limit === 0 ? 'not' : mayEnter(consumer);
      if (may === 'not') resolve('dismissed');
      if (may !== 'now' || this.#taken >= limit) return may !== 'not';
      this.#taken += 1;
      this.#inside.set(consumer, this.inside(consumer) + 1);
      said.clear();
      resolve(nowMs - sinceMs >= LATE_MS ? 'entered-late' : 'entered');
      return false;
    });
  }

  /** Dismisses all that wait, and whoever comes. */
  close(): void {
    this.#isClosed = true;
    this.admit();
  }
}
