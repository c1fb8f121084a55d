import type { Answer } from './sending/latency-limit.js';

/** A legacy backend that sends go to. Each has its own pace: one that is away holds up nobody else's. */
export interface PorterTarget {
  /** `legacy`, else the database of its `SqlTarget`: `billing`. */
  readonly name: string;
  /** Sends in flight at most. */
  readonly concurrency: number;
  /** How long 95 of 100 of its answers should take at most, milliseconds; undefined = as long as they like. */
  readonly objectiveMs: number | undefined;
  /** How long it took for the calls that it answered since this was asked last. */
  answers(): readonly Answer[];
  close(): Promise<void>;
}
