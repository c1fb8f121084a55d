export { type Books, BUCKETS, type Bucket } from './backfill/books.js';
export { type Checkpoints, openCheckpoints } from './backfill/checkpoints.js';
export { type BackfillPlan, type EntityPlan, type InvalidReason, planBackfill } from './backfill/plan.js';
export {
  type BackfillOptions,
  type BackfillRun,
  type ChunkResult,
  type ImportChunk,
  runBackfill,
} from './backfill/run.js';
export { type ClosedEvent, listClosed } from './closed.js';
export { type BothSides, entitiesNamed, entityNamed } from './context.js';
export { type MoveOptions, type MovePlan, moveWrites, planMove } from './control/authority.js';
export {
  type ConsumerChange,
  type ConsumerSetting,
  changeConsumer,
  listConsumers,
} from './control/consumers.js';
export { type EntityModes, listEntities, openEntity, setWritesGone } from './control/entities.js';
export { recordVerification, verificationBegins } from './control/evidence.js';
export { type RouteOfEntity, readRoutesOf } from './control/legacy-routes.js';
export { foundAtMs, listMismatches, type Mismatch, type MismatchSources, showMismatch } from './control/mismatches.js';
export { forgetParty, listParties } from './control/parties.js';
export { listPorts, type PortStatus, switchPort } from './control/ports.js';
export { type Readiness, type ReadinessItem, readiness } from './control/readiness.js';
export {
  endRebuild,
  listRebuilds,
  planRebuild,
  type RebuildListed,
  type RebuildPlan,
  type RebuildSides,
  startRebuild,
} from './control/rebuilds.js';
export {
  cancelResync,
  type ResyncAsked,
  type ResyncPlan,
  rePorting,
  reprojection,
  requestResync,
} from './control/resyncs.js';
export {
  explainRoute,
  historyOf,
  listRoutes,
  type RouteExplained,
  type RouteStatus,
  setRoute,
} from './control/routes.js';
export type { ControlSides } from './control/sides.js';
export { listParked, type Parked, type ParkedKey, type Replay, type Replayed, replayParked } from './parked.js';
export {
  type DiscardDone,
  discardStanding,
  planStanding,
  type Repairer,
  type SeenInLegacy,
  type StandingAsked,
  type StandingPlan,
  settleStanding,
  whyNotDiscarded,
} from './parked-repairs.js';
export { forgetPorter, listPorters, type PorterInstance } from './porters.js';
export { OWNERS, provisionDatabase, provisionTopics, type Role } from './provision.js';
export { type Restated, type Restatement, restate } from './restate.js';
export {
  type AppAddress,
  type AppStatus,
  type ConsumerStatus,
  isOpen,
  type RebuildStatus,
  readStatus,
  type Status,
  type TargetStatus,
  type WriteMode,
  withControl,
} from './status.js';
export { type Trace, type TracedEvent, type TraceSources, trace } from './trace.js';
export type { EntityVerdict, RowDifference, Verdict, Verification } from './verify/verdict.js';
export { type VerifyOptions, verify } from './verify/verify.js';
export { whatMoves } from './wait-until-quiet.js';
export { anew, type WayOn, waysOn } from './ways-on.js';
