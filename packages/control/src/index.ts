export { appendMarker, type MarkerTarget } from './authority/append-marker.js';
export { type DriveOptions, driveMove, type MovePorts, type MoveResult } from './authority/drive-move.js';
export {
  type MoveAction,
  type MoveFacts,
  type MoveGoal,
  type MoveSituation,
  nextMoveStep,
} from './authority/next-move-step.js';
export type { Appended, AppendOptions, Control, HistoryEntry, PartyDescription } from './control.js';
export {
  CONTROL_TYPES,
  type ControlChange,
  type ControlEntry,
  type ControlEventType,
  consumerSubject,
  entityOfName,
  entitySubject,
  nameOf,
  partySubject,
  portSubject,
  rebuildSubject,
  resyncSubject,
  routeSubject,
} from './control-event.js';
export { controlLive } from './control-health.js';
export { eventOf } from './control-memory.js';
export {
  type ConsumerControl,
  type ControlState,
  consumerControl,
  type EntityControl,
  entityControl,
  type LastWrite,
  MAX_SENDS,
  type Move,
  type MoveDirection,
  type MoveStep,
  mayDecide,
  NOTHING_CONTROLLED,
  type OpenRebuild,
  openRebuild,
  openResync,
  type Party,
  type Pause,
  PORTER_APP,
  type PortMode,
  PROXY_APP,
  pausedOf,
  portMode,
  type ReadMode,
  type Rebuild,
  type Resync,
  type ResyncEnd,
  readMode,
  type Said,
  unprepared,
  type WriteMode,
} from './control-state.js';
export { type ControlOptions, createControl } from './create-control.js';
export { type FoldedControl, foldControl, type Verdict } from './fold-control.js';
export { followWithin } from './follow-within.js';
export { LEGAL_STEPS, type Step } from './legal-steps.js';
export { type ObeyPausesOptions, obeyPauses } from './obey-pauses.js';
export {
  endResync,
  type ResyncCounts,
  type ResyncReport,
  resyncReport,
  type WantedResync,
  wantedResync,
} from './resync.js';
export { type WhenLost, whenLost } from './when-lost.js';
