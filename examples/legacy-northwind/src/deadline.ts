import { Refused } from './errors.js';

/** How long a request may live. Nothing may be begun, and nothing committed, after it. */
export class Deadline {
  private readonly endsAt: number;
  private readonly timer: NodeJS.Timeout;
  private readonly controller = new AbortController();

  constructor(
    readonly limitMs: number,
    onExpired: () => void,
  ) {
    this.endsAt = performance.now() + limitMs;
    this.timer = setTimeout(() => {
      this.controller.abort();
      onExpired();
    }, limitMs);
  }

  /** Aborts when the time is up. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Milliseconds left, at least 1. Throws when the time is up: read from the clock, since a late timer is no excuse. */
  remainingMs(): number {
    const left = Math.ceil(this.endsAt - performance.now());
    if (left <= 0) throw tookTooLong(this.limitMs);
    return left;
  }

  /** The request was answered, or its caller went away: no answer is owed any more. The limit itself stands. */
  answered(): void {
    clearTimeout(this.timer);
  }
}

export function tookTooLong(limitMs: number): Refused {
  return new Refused(500, `The request took longer than ${limitMs} ms and was ended.`);
}
