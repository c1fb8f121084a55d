/** A legacy backend that sends go to. Each has its own pace: one that is away holds up nobody else's. */
export interface PorterTarget {
  /** `legacy`, else the database of its `SqlTarget`: `billing`. */
  readonly name: string;
  /** Sends in flight at most. */
  readonly concurrency: number;
  close(): Promise<void>;
}
