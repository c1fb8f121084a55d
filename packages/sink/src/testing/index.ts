export { type FoldedSlice, foldSlice, type SliceInput } from '../fold-slice.js';
export { type ParkedItem, type Progress, replayParked, stateAfter } from '../replay-parked.js';
export {
  closeUnlikeIn,
  markUnlikeIn,
  UNLIKE,
  unlikeLock,
  unlikeOf,
} from './memory-repairs.js';
export { createMemorySinkStore, type MemorySinkStoreOptions } from './memory-sink-store.js';
export {
  CLOSED,
  type ClosedInMemory,
  closedOf,
  keepClosed,
  OFFSETS,
  type OffsetInMemory,
  offsetKey,
  offsetLock,
  PARKED,
  type ParkedInMemory,
  parkedKey,
  STATES,
  type StateInMemory,
  stateKey,
} from './memory-tables.js';
