export type { Adoption } from '../adoption/adoption.js';
export type { CommandTools } from '../commands/command-attempt.js';
export { type Hold, holdOf } from '../commands/hold.js';
export type { Journal } from '../commands/journal.js';
export { notedSnapshot, type PendingEvent, type StoredSnapshot, storedSnapshot } from '../commands/pending-event.js';
export { runCommand } from '../commands/run-command.js';
export type { Answer } from '../http/answer.js';
export { LogWriter } from '../log/log-writer.js';
export type { V2View } from '../store/v2-store.js';
