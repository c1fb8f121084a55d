export type { ImportBucket, Importer, ImporterOptions, ImportItem, ImportResult, RowRef } from './import-types.js';
export { createImporter, createImporterOver } from './importer.js';
export { type Learned, learnOutcome, type NotedSnapshot, scanOutcome } from './outcome.js';
export { createPorterClient, type LinksBy, type OpenIntent, type PorterApi } from './porter-client.js';
export { followProjection, type Place, type ProgressOptions, type ProjectionProgress } from './projection-progress.js';
export { keysOfRows, type RowKey, type RowKeysOptions } from './row-keys.js';
export { type Authorities, commonEpoch, observeStates, type StateObserver } from './state-observer.js';
