export { catalogue } from './catalogue.js';
export { type Codec, type CodecOptions, createCodec } from './codec.js';
export { event } from './event.js';
export type { DomainEvent, EventType } from './event-type.js';
export {
  type EventMeta,
  eventHeaders,
  HEADER,
  hopsOf,
  MAX_HOPS,
  type MarkerMeta,
  markerHeaders,
  type PlainEventMeta,
  plainHeaders,
  type TraceContext,
} from './headers.js';
export { HTTP_TRACE } from './http-trace.js';
export type { Fault } from './invalid-data.js';
export { readKind } from './read-kind.js';
export type { LogRecord, NewRecord, RecordKind } from './record.js';
export { type RegisteredSchema, type RegisterOptions, registerSchemas } from './register-schemas.js';
export {
  CONTROL_TOPIC,
  MISMATCHES_TOPIC,
  RECEIPTS_TOPIC,
  TOPIC_PARTITIONS,
  type TopicPlan,
  topicName,
  topicSpecs,
} from './topics.js';
