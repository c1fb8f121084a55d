export { type BeforeWrite, decideWrite, type WriteDecision } from './compare-and-set.js';
export { createHttpReader, type HttpReader, type HttpReaderOptions } from './http-reader.js';
export { type AnswerHeaders, excerpt, type LegacyAnswer } from './legacy-answer.js';
export { createLegacyApi, type LegacyApi, type LegacyApiOptions, type SendOptions } from './legacy-api.js';
export type { IdPage, InvalidRow, LegacyReader, ReadableEntity, ReadRows } from './legacy-reader.js';
export { MARKER_DDL } from './marker.js';
export {
  createSender,
  isAbove,
  type Look,
  type NotSeen,
  type Probe,
  type SeenRow,
  type Sender,
  type WriteOutcome,
} from './sender.js';
export { createSqlReader, type SqlSource } from './sql-reader.js';
export { createSqlSender, type SqlChange, type SqlSender, type SqlSent } from './sql-sender.js';
