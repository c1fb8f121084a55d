export { anyHeaders, anyLog, anyMarker, honestLog, KEYS } from './arbitraries.js';
export {
  EMPTY_PARTITION,
  foldEntry,
  foldLog,
  keyStateOf,
  type LogEntry,
  type PartitionState,
  type Step,
} from './log.js';
export { VirtualTime } from './virtual-time.js';
