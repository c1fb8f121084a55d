import type { EventHeaders, Marker } from '@banyan/core';

/** A record as it lies in the log: design.md section 3. Header values are text. */
export interface LogRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** Broker's time, milliseconds since 1970 UTC; for people, nothing is ordered by it. */
  readonly timestampMs: number;
  readonly key: string | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** A record that is about to be appended. Without `partition` it is chosen by key (murmur2, as every Kafka client does). */
export interface NewRecord {
  readonly topic: string;
  readonly partition?: number;
  readonly key: string | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the headers of a record say it is. */
export type RecordKind =
  | { readonly type: 'event'; readonly headers: EventHeaders; readonly eventType: string | undefined }
  | { readonly type: 'marker'; readonly marker: Marker };
