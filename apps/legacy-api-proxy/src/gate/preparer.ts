import type { Clock } from '@banyan/core';
import { prepareDue } from './write-gate.js';
import type { GateView, WriteGates } from './write-gates.js';

export interface PreparerOptions {
  readonly party: string;
  readonly entities: readonly string[];
  readonly view: GateView;
  readonly gates: Pick<WriteGates, 'openDirect'>;
  readonly clock: Clock;
  /** As in `WriteGatesOptions`. */
  settleAfterMs(entity: string): number;
  /** Brings the table that holds this entity to the disk. */
  saveTable(): Promise<void>;
  /** Appends `MovePrepared`. */
  acknowledge(entity: string, epoch: number): Promise<void>;
  onError(error: unknown, entity: string): void;
  /** Default 500 ms. */
  readonly retryMs?: number;
}

/**
 * Acknowledges a move forward once nothing of it is open here: on each change of the control state, at the end of the last direct
 * write, and again after a failure.
 */
export class Preparer {
  readonly #options: PreparerOptions;
  readonly #startedAt: number;
  readonly #busy = new Set<string>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #closed = false;

  constructor(options: PreparerOptions) {
    this.#options = options;
    this.#startedAt = options.clock.monotonic();
  }

  review(): void {
    for (const entity of this.#options.entities) this.#look(entity);
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #look(entity: string): void {
    if (this.#closed || this.#busy.has(entity) || this.#due(entity, true) === undefined) return;
    const leftMs = this.#options.settleAfterMs(entity) - this.#sinceStartMs();
    if (leftMs > 0) {
      // What an earlier process of this name sent right before it died may still be on its way through legacy.
      this.#busy.add(entity);
      this.#later(entity, leftMs);
      return;
    }
    const epoch = this.#due(entity);
    if (epoch === undefined) return;
    this.#busy.add(entity);
    this.#prepare(entity, epoch)
      .catch((error: unknown) => this.#options.onError(error, entity))
      .finally(() => this.#later(entity, this.#options.retryMs ?? 500));
  }

  /**
   * The table first. Acknowledged first and killed before the table is on the disk, this proxy would come up with a table in which
   * legacy still decides and, with Kafka away, begin direct writes in the middle of the move.
   */
  async #prepare(entity: string, epoch: number): Promise<void> {
    await this.#options.saveTable();
    // Meanwhile the move may have been given up, and direct writes begun again.
    if (this.#due(entity) === epoch) await this.#options.acknowledge(entity, epoch);
  }

  #due(entity: string, predecessorSettled = this.#sinceStartMs() >= this.#options.settleAfterMs(entity)) {
    const { view, party, gates } = this.#options;
    return prepareDue({
      entity: view.entity(entity),
      registered: view.registered(),
      joined: view.joined(),
      party,
      openDirect: gates.openDirect(entity),
      predecessorSettled,
    });
  }

  #sinceStartMs(): number {
    return this.#options.clock.monotonic() - this.#startedAt;
  }

  #later(entity: string, ms: number): void {
    if (this.#closed) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#busy.delete(entity);
      this.#look(entity);
    }, ms);
    timer.unref();
    this.#timers.add(timer);
  }
}
