export { canonicalCode } from './canonical-code.js';
export { canonicalInteger } from './canonical-integer.js';
export { canonicalRow, column } from './canonical-row.js';
export {
  type CommandDefinition,
  CommandRefused,
  type DecideContext,
  type Ref,
  type RefRequest,
  type ResolvedRef,
} from './command.js';
export { defineEntity } from './define-entity.js';
export { defineMigration, findEntity } from './define-migration.js';
export type { AnyEntity, EntityDefinition } from './entity.js';
export { equalJson, equalRows } from './equal-json.js';
export { requireExisting } from './existing.js';
export {
  assignedByLegacy,
  type CompareDefinition,
  derivedFrom,
  type Identity,
  type ImportContext,
  type LegacyDefinition,
  UnmappableRow,
} from './legacy-definition.js';
export {
  type LegacyAnswer,
  type LegacyCommand,
  type LegacyReadRoute,
  LegacyRefused,
  type LegacyRequest,
  type LegacyRoute,
  type LegacyViewQuery,
  type LegacyWriteRoute,
  type V2Problem,
} from './legacy-route.js';
export type { Json, LegacyRow } from './legacy-row.js';
export { livenessOf } from './liveness.js';
export { dayOf } from './plain-date.js';
export {
  type AnyPort,
  type CompareAndSetOverHttp,
  type CreateOverHttp,
  compareAndSetWindowOf,
  type FormatContext,
  type FurtherPort,
  type HttpRequest,
  type HttpTarget,
  isTransactional,
  type PortDefinition,
  type PortOperation,
  portOperation,
  type SqlStatement,
  type SqlTarget,
  settleAfterMsOf,
} from './port.js';
export { primaryPortOf } from './primary-port.js';
export type { Projection } from './projection.js';
export type { QueryDefinition } from './query.js';
export type { ReaderDefinition } from './reader.js';
export { asReal, type Money, moneyFromReal, moneyToReal, requireMoneyFitsReal } from './real.js';
export { isRestatement, type Restatement, type WhyRestated } from './restatement.js';
export {
  codeSchema,
  integerSchema,
  moneySchema,
  pageSchema,
  plainDateSchema,
  realSchema,
  refSchema,
  smallintSchema,
  textSchema,
} from './schemas.js';
export { topicOf } from './topic.js';
