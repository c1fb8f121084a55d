export { bucket } from './bucket.js';
export { canonicalJson } from './canonical-json.js';
export { type Clock, systemClock } from './clock.js';
export { BanyanError, type BanyanErrorOptions, isBanyanError } from './errors.js';
export {
  type EventHeaders,
  type ImportOrigin,
  isImportOrigin,
  isNativeOrigin,
  type NativeOrigin,
  type Origin,
} from './event-headers.js';
export { type Folded, fold, foldMarker, ownerOf } from './fold.js';
export { importedId, type NewId, newId } from './ids.js';
export {
  type Authority,
  FIRST_AUTHORITY,
  type KeyState,
  type Liveness,
  type Marker,
  NEVER_SEEN,
  type Outcome,
  type RecentEntry,
} from './key-state.js';
export { sleep, systemTimers, type Timers } from './timers.js';
