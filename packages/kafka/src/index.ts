export type { AppenderSettings } from './appender/settings.js';
export { Canary, type CanaryOptions } from './canary/canary.js';
export { SESSION_TIMEOUT_MS } from './consumer/group-session.js';
export {
  consumersLive,
  consumersReady,
  HANGING_MS,
  together,
  type Vitality,
  vitality,
  type WatchedConsumer,
} from './consumer-health.js';
export type {
  Appender,
  ConsumerOptions,
  EventLog,
  PartitionLag,
  Position,
  RunningConsumer,
  Slice,
  SliceHandler,
  TopicSpec,
} from './event-log.js';
export { createKafkaEventLog, type KafkaEventLogOptions, type LogStateChange } from './kafka-event-log.js';
export type { LogLine } from './kafkajs/client.js';
export { partitionFor } from './partitioner.js';
export { type LineLog, toldTo } from './told-to.js';
export { requirePartitions } from './topics/require-partitions.js';
