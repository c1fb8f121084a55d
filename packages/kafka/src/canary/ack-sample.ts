import type { Position } from '../event-log.js';

/** That a record was acknowledged, and where. */
export interface Ack extends Position {
  readonly topic: string;
  /** The record's event id. */
  readonly id: string;
}

/** Of old picks, so many are kept: what the log loses after a while (a leader that knew less) shows on these. */
const KEPT = 64;

/**
 * A few of all acknowledgements. Each since the last pick has the same chance to be the next one, however many there were; when there was
 * none, an old pick has its turn. Bounded: one candidate and 64 old ones.
 */
export class AckSample {
  readonly #random: () => number;
  readonly #kept: Ack[] = [];
  #candidate: Ack | undefined;
  #seen = 0;

  /** @param random from 0 to 1, 1 not included */
  constructor(random: () => number) {
    this.#random = random;
  }

  note(ack: Ack): void {
    this.#seen += 1;
    if (this.#random() * this.#seen < 1) this.#candidate = ack;
  }

  /** undefined = there never was one. */
  pick(): Ack | undefined {
    const fresh = this.#candidate;
    this.#candidate = undefined;
    this.#seen = 0;
    if (fresh === undefined) return this.#kept[Math.floor(this.#random() * this.#kept.length)];
    if (this.#kept.length >= KEPT) this.#kept.splice(Math.floor(this.#random() * this.#kept.length), 1);
    this.#kept.push(fresh);
    return fresh;
  }

  /** Never picked again. */
  drop(ack: Ack): void {
    const index = this.#kept.indexOf(ack);
    if (index >= 0) this.#kept.splice(index, 1);
  }
}
