import type { Liveness, Marker, Origin } from '@banyan/core';

/** Header names: CloudEvents 1.0 in Kafka's binary mode, and our own extensions in the same manner. */
export const HEADER = {
  specVersion: 'ce_specversion',
  id: 'ce_id',
  type: 'ce_type',
  source: 'ce_source',
  time: 'ce_time',
  subject: 'ce_subject',
  contentType: 'content-type',
  origin: 'ce_origin',
  expectedVersion: 'ce_expectedversion',
  epoch: 'ce_epoch',
  liveness: 'ce_liveness',
  contentHash: 'ce_contenthash',
  marker: 'ce_marker',
  share: 'ce_share',
  correlationId: 'ce_correlationid',
  causationId: 'ce_causationid',
  hops: 'ce_hops',
  traceparent: 'traceparent',
} as const;

/** An event with more than so many between it and a person or a clock is the echo of an echo: it goes round in a circle. */
export const MAX_HOPS = 8;

/** How many events lie between a record and a person or a clock; what is missing or malformed reads as none. */
export function hopsOf(headers: Readonly<Record<string, string>>): number {
  const text = headers[HEADER.hops];
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

const SPEC_VERSION = '1.0';
/** Confluent wire format around Avro. */
const CONTENT_TYPE = 'application/vnd.confluent.avro';

/** Who caused an event and what it belongs to. */
export interface TraceContext {
  /** The same for everything that one request of a caller set off. */
  readonly correlationId?: string | undefined;
  /** The id of the event that this one answers. */
  readonly causationId?: string | undefined;
  /** How many events lie between this one and a person or a clock. */
  readonly hops?: number | undefined;
  /** W3C trace context. */
  readonly traceparent?: string | undefined;
}

export interface PlainEventMeta extends TraceContext {
  readonly id: string;
  /** Avro full name. */
  readonly type: string;
  /** Who wrote it: `new-api/new-api-0`. */
  readonly source: string;
  /** Wall clock, milliseconds since 1970 UTC; for people. */
  readonly timeMs: number;
  /** The entity id: the record's key. */
  readonly subject: string;
}

export interface EventMeta extends PlainEventMeta {
  readonly origin: Origin;
  /** The version that the decision, or the read of legacy, was made on; 0 = never seen. */
  readonly expectedVersion: number;
  readonly epoch: number;
  /** What the event leaves. */
  readonly liveness: Liveness;
  /** Imports only, and always: hash of the canonical legacy row. */
  readonly contentHash?: string | undefined;
}

/** Headers of an event of an entity's topic: all that the fold reads, and what people want to know. */
export function eventHeaders(meta: EventMeta): Record<string, string> {
  return {
    ...plainHeaders(meta),
    [HEADER.origin]: meta.origin,
    [HEADER.expectedVersion]: String(meta.expectedVersion),
    [HEADER.epoch]: String(meta.epoch),
    [HEADER.liveness]: meta.liveness,
    ...present(HEADER.contentHash, meta.contentHash),
  };
}

/** Headers of a record that nothing folds: receipts, control events, mismatches. */
export function plainHeaders(meta: PlainEventMeta): Record<string, string> {
  return {
    [HEADER.specVersion]: SPEC_VERSION,
    [HEADER.id]: meta.id,
    [HEADER.type]: meta.type,
    [HEADER.source]: meta.source,
    [HEADER.time]: new Date(meta.timeMs).toISOString(),
    [HEADER.subject]: meta.subject,
    [HEADER.contentType]: CONTENT_TYPE,
    ...present(HEADER.correlationId, meta.correlationId),
    ...present(HEADER.causationId, meta.causationId),
    ...present(HEADER.hops, meta.hops?.toString()),
    ...present(HEADER.traceparent, meta.traceparent),
  };
}

export interface MarkerMeta {
  readonly id: string;
  readonly source: string;
  readonly timeMs: number;
  /** The topic it is appended to, without prefix. */
  readonly subject: string;
}

/** Headers of an authority marker. Its record has no key, no value, and an explicit partition. */
export function markerHeaders(marker: Marker, meta: MarkerMeta): Record<string, string> {
  return {
    [HEADER.specVersion]: SPEC_VERSION,
    [HEADER.id]: meta.id,
    [HEADER.type]: `banyan.authority.v1.${marker.type}`,
    [HEADER.source]: meta.source,
    [HEADER.time]: new Date(meta.timeMs).toISOString(),
    [HEADER.subject]: meta.subject,
    [HEADER.marker]: marker.type,
    [HEADER.epoch]: String(marker.epoch),
    ...(marker.type === 'fence' ? { [HEADER.share]: String(marker.share) } : {}),
  };
}

function present(name: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: value };
}
