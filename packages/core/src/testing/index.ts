export { anyHeaders, anyLog, anyMarker, honestLog, KEYS } from './arbitraries.js';
export { type Explored, explore, type Move, type SmallWorld, tell } from './explore.js';
export {
  EMPTY_PARTITION,
  foldEntry,
  foldLog,
  keyStateOf,
  type LogEntry,
  type PartitionState,
  type Step,
} from './log.js';
export { Random } from './random.js';
export { type Answer, type Ask, type Question, Replayed, type Turn } from './replayed.js';
export { seeded } from './seeded.js';
export { VirtualTime } from './virtual-time.js';
