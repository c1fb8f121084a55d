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
export type { DiscardOrder } from './discard-parked.js';
export { type Lag, lagOf } from './lag.js';
export type { ParkedChange, ParkedRecord } from './parked-record.js';
export { createPostgresSinkStore, type PostgresSinkStoreOptions } from './postgres-sink-store.js';
export type { ResyncProgress, ResyncRequest, ResyncScope, UnlikeMark, Word } from './repair-store.js';
export type { Replayed } from './replay.js';
export {
  type ApplyStates,
  type MadeAnew,
  type ResyncedState,
  type ResyncOptions,
  resyncBatch,
} from './resync-batch.js';
export { type RunResyncOptions, runResync } from './run-resync.js';
export type { Remember, SinkOptions } from './sink-options.js';
export type { PositionMove, SinkStatus, SinkStore, SinkTx, Standing, StoredParked } from './sink-store.js';
export { stateHash } from './state-hash.js';
