/** Time as a parameter. Nothing pure asks the machine for it. */
export interface Clock {
  /** Wall clock, milliseconds since 1970 UTC. For people and headers; nothing is ordered by it. */
  now(): number;
  /** Monotonic clock, milliseconds. For leases and deadlines. */
  monotonic(): number;
}

export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };
