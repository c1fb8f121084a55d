export type { Apply } from './apply.js';
export {
  type BooksReport,
  booksReport,
  effectSamples,
  type PartitionBooks,
  type PartitionTally,
  recordSamples,
  type Tally,
  tallyOf,
  unaccounted,
  unaccountedEffects,
} from './books.js';
export { type Booked, BooksWatch } from './books-watch.js';
export type { Change, EffectiveChange, OtherChange } from './change.js';
export { createSink, type Sink } from './create-sink.js';
export { type Decoded, type Decoder, decodeAll, type SliceItem } from './decode.js';
export { type Lag, lagOf } from './lag.js';
export type { ParkedChange, ParkedRecord } from './parked-record.js';
export { createPostgresSinkStore, type PostgresSinkStoreOptions } from './postgres-sink-store.js';
export type { Replayed } from './replay.js';
export type { SinkOptions } from './sink-options.js';
export type { PositionMove, SinkStatus, SinkStore, SinkTx, Standing, StoredParked } from './sink-store.js';
export { stateHash } from './state-hash.js';
