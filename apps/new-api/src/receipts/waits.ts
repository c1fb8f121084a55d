/** Requests that wait for news: so many at once, and none once the process stops. */
export class Waits {
  private open = 0;
  private readonly ending = new AbortController();

  /** @param limit more at once are not held, and answered as it is */
  constructor(private readonly limit: number) {}

  /** Aborted when nobody may wait any more. */
  get ended(): AbortSignal {
    return this.ending.signal;
  }

  count(): number {
    return this.open;
  }

  /** What to call at the end of the wait; undefined = no waiting now. */
  enter(): (() => void) | undefined {
    if (this.open >= this.limit || this.ended.aborted) return undefined;
    this.open += 1;
    return () => {
      this.open -= 1;
    };
  }

  /** Ends all waits: who waits is answered with what is known. */
  end(): void {
    this.ending.abort();
  }
}
