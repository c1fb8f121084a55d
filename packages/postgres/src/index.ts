export { type BulkRow, type BulkTable, bulkDelete, bulkInsert, bulkUpsert, type UpsertTable } from './bulk.js';
export { type ClosedEntry, closedEntries } from './closed-entries.js';
export { databaseOf, inDatabase } from './database-url.js';
export { differingKeys } from './differing-keys.js';
export { classify, isDatabaseError, isRowRefused, sqlStateOf } from './errors.js';
export { type GatherOptions, gather } from './gather.js';
export { identifier } from './identifier.js';
export { type Link, linksByKey, linksByLegacyId } from './links.js';
export { type Listener, type ListenOptions, listen } from './listen.js';
export { type Migration, migrate } from './migrate.js';
export { type ParkedEntry, parkedEntries } from './parked-entries.js';
export {
  type Connection,
  createPool,
  execute,
  type Pool,
  type PoolOptions,
  type Queryable,
  query,
  together,
  transaction,
} from './pool.js';
export { recentText } from './recent-text.js';
export { PARKED_EFFECT, sinkMigrations } from './sink-schema.js';
export { statesAfter } from './state-pages.js';
export { storable } from './storable.js';
export {
  epochOf,
  NO_STATE,
  prepareOffsets,
  type ReadState,
  readPlacedStates,
  readStates,
  type StateAsked,
  type StoredState,
} from './stored-state.js';
export { closeUnlike, markUnlike, type UnlikeKey, type UnlikePlace, unlikeKeys } from './unlike-keys.js';
