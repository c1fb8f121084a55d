/* The app without its shell, its configuration and its databases: what worlds in memory put together anew. */
export { type Adoption, createAdoption } from '../adoption/adoption.js';
export { knownByLegacyId } from '../adoption/known.js';
export type { CommandTools } from '../commands/command-attempt.js';
export type { Address, CommandCall } from '../commands/command-call.js';
export { type Hold, holdOf } from '../commands/hold.js';
export type { Journal } from '../commands/journal.js';
export {
  type NotedEvent,
  notedSnapshot,
  type PendingEvent,
  type StoredSnapshot,
  storedSnapshot,
} from '../commands/pending-event.js';
export { runCommand } from '../commands/run-command.js';
export type { Answer } from '../http/answer.js';
export { legacyOwner } from '../legacy-view/legacy-owner.js';
export { LogWriter } from '../log/log-writer.js';
export type { Receipts } from '../receipts/receipt-store.js';
export { type RestateReport, restate } from '../restating/restate.js';
export type { V2View } from '../store/v2-store.js';
