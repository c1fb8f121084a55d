import type { Clock } from '../clock.js';
import type { Timers } from '../timers.js';

/** Clock and timers whose time goes by hand, from one due timer to the next. */
export class VirtualTime implements Clock, Timers {
  #nowMs = 0;
  #timers = 0;
  readonly #due = new Map<number, { readonly atMs: number; readonly work: () => void }>();

  readonly now = (): number => Date.UTC(2026, 0, 1) + this.#nowMs;
  readonly monotonic = (): number => this.#nowMs;

  readonly after = (ms: number, work: () => void): (() => void) => {
    const timer = this.#timers++;
    this.#due.set(timer, { atMs: this.#nowMs + ms, work });
    return () => void this.#due.delete(timer);
  };

  /** Goes on to the timer that is due first, and runs it. @returns false = none is due up to `lastMs` on the monotonic clock */
  next(lastMs = Number.POSITIVE_INFINITY): boolean {
    const [first] = [...this.#due].sort(([a, { atMs: at }], [b, { atMs: before }]) => at - before || a - b);
    if (first === undefined || first[1].atMs > lastMs) return false;
    const [timer, { atMs, work }] = first;
    this.#due.delete(timer);
    this.#nowMs = Math.max(this.#nowMs, atMs);
    work();
    return true;
  }

  /** Lets so much time go by. */
  async pass(ms: number): Promise<void> {
    const end = this.#nowMs + ms;
    do await settled();
    while (this.next(end));
    this.#nowMs = end;
  }

  /** Lets time go by until it is so; throws when that takes more than `patienceMs` of it. */
  async until(isSo: () => boolean | Promise<boolean>, patienceMs = 120_000): Promise<void> {
    const last = this.#nowMs + patienceMs;
    for (;;) {
      await settled();
      if (await isSo()) return;
      if (!this.next(last)) throw new Error(`it never became so: ${isSo}`);
    }
  }
}

/** Everything that can go on without time has gone on. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
