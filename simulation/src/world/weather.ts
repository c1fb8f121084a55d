import { BanyanError } from '@banyan/core';
import type { Random } from '@banyan/core/testing';

/** What befalls a process at a step. */
export interface Mishap {
  readonly delayMs: number;
  readonly error: Error | undefined;
  readonly kill: boolean;
  /** 0 = it is not frozen. */
  readonly freezeMs: number;
}

/** How bad the weather of a world is, per step or request. */
export interface Climate {
  readonly stepMs: number;
  readonly broken: number;
  readonly killed: number;
  readonly frozen: number;
  /** Of requests to legacy: refused, answered 503 or 429, executed without an answer, not executed without an answer. */
  readonly legacyTrouble: number;
  /** Of appends: the answer comes too late, or never. */
  readonly appendTrouble: number;
  /** Appended a second time, some time later. */
  readonly doubled: number;
  /** Of group members, per virtual second: thrown out, and back. */
  readonly rebalanced: number;
}

const CALM: Climate = {
  stepMs: 0.3,
  broken: 0,
  killed: 0,
  frozen: 0,
  legacyTrouble: 0,
  appendTrouble: 0,
  doubled: 0,
  rebalanced: 0,
};

/** Every world has its own: some are quiet, some have one trouble only, some have all. */
export function climateOf(random: Random): Climate {
  const often = (most: number) => (random.chance(0.6) ? random.next() * most : 0);
  return {
    stepMs: 0.1 + random.next() * 2,
    broken: often(0.01),
    killed: often(0.006),
    frozen: often(0.004),
    legacyTrouble: often(0.4),
    appendTrouble: often(0.2),
    doubled: often(0.2),
    rebalanced: often(0.5),
  };
}

export class Weather {
  readonly #random: Random;
  #climate: Climate;

  constructor(random: Random, climate: Climate) {
    this.#random = random;
    this.#climate = climate;
  }

  get climate(): Climate {
    return this.#climate;
  }

  get isCalm(): boolean {
    return this.#climate === CALM;
  }

  /** Nothing befalls anybody any more. */
  calm(): void {
    this.#climate = CALM;
  }

  at(what: string): Mishap {
    const { stepMs, broken, killed, frozen } = this.#climate;
    const random = this.#random;
    return {
      delayMs: random.around(stepMs),
      error: random.chance(broken) ? away(what) : undefined,
      kill: random.chance(killed),
      freezeMs: random.chance(frozen) ? 1_000 + random.around(15_000) : 0,
    };
  }
}

function away(what: string): Error {
  return new BanyanError('POSTGRES_UNAVAILABLE', `the connection broke (${what})`, { retryable: true });
}
