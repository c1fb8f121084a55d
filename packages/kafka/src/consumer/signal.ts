/** Something happened: wakes all who wait. Waiting on progress instead of time. */
export class Signal {
  #wakers = new Set<() => void>();

  notify(): void {
    const wakers = this.#wakers;
    this.#wakers = new Set();
    for (const wake of wakers) wake();
  }

  /** Resolves at the next notification, or after `timeoutMs`. */
  async next(timeoutMs?: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wakers.add(resolve);
    const timer = timeoutMs === undefined ? undefined : setTimeout(resolve, timeoutMs);
    await promise;
    clearTimeout(timer);
    this.#wakers.delete(resolve);
  }
}
