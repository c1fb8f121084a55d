import type { HealthResult } from './health/health-check.js';

/** A part of a process that cannot go on, and why: with a code and a remedy where the error is one of ours. */
export interface Hopeless {
  /** `consumer v2-projector.order`, `the control log`. */
  readonly part: string;
  readonly error: Error;
}

/**
 * What of a process cannot go on, whatever is waited for. The first of it fails liveness at once and makes `runMain` drain the rest and end
 * the process. What heals by itself is never said here.
 */
export class GiveUp {
  readonly #hopeless: Hopeless[] = [];
  readonly #first = Promise.withResolvers<void>();

  /** Resolves when something cannot go on; never, as long as everything can. */
  get told(): Promise<void> {
    return this.#first.promise;
  }

  /** All that cannot, in the order in which it was found. */
  get hopeless(): readonly Hopeless[] {
    return this.#hopeless;
  }

  /** A part cannot go on. What is said again of the same part is not heard. */
  readonly say = (part: string, error: Error): void => {
    if (this.#hopeless.some((one) => one.part === part)) return;
    this.#hopeless.push({ part, error });
    this.#first.resolve();
  };

  /** For liveness: only a new start, or a person, mends it. undefined = everything can go on. */
  verdict(): HealthResult | undefined {
    if (this.#hopeless.length === 0) return undefined;
    return {
      ok: false,
      reason: this.#hopeless.map(({ part, error }) => `${part} cannot go on: ${error.message}`).join('; '),
    };
  }
}
