import type { Control } from '@banyan/control';
import type { Clock } from '@banyan/core';

export interface MovePatienceTools {
  readonly control: Pick<Control, 'onChange'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** How long one request may wait for it, milliseconds. */
  readonly movePatienceMs: number;
  /** Milliseconds; 0 = the caller waits for nothing. */
  readonly outcomeDeadlineMs: number;
}

/** Most moves are over in less, and a process hears of their end some milliseconds behind it. */
export const MOVE_PATIENCE_MS = 1_000;
/** What the control log does not tell: that the partitions are behind the fence. */
const LOOK_MS = 50;

/** The time that one request has for the end of a move, over all its decisions, before its caller is asked to come again. */
export class MovePatience {
  readonly #tools: MovePatienceTools;
  #untilMs: number | undefined;

  constructor(tools: MovePatienceTools) {
    this.#tools = tools;
  }

  /** Resolves when something may have changed. @returns false = at once: the time is over */
  async wait(): Promise<boolean> {
    const { control, clock, movePatienceMs, outcomeDeadlineMs } = this.#tools;
    const nowMs = clock.monotonic();
    this.#untilMs ??= nowMs + Math.min(movePatienceMs, outcomeDeadlineMs);
    const leftMs = this.#untilMs - nowMs;
    if (leftMs <= 0) return false;
    await new Promise<void>((resolve) => {
      const unsubscribe = control.onChange(done);
      const timer = setTimeout(done, Math.min(LOOK_MS, leftMs));
      function done(): void {
        clearTimeout(timer);
        unsubscribe();
        resolve();
      }
    });
    return true;
  }
}
