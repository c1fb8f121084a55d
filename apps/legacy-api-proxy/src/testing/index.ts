/* The app's half of a move without its HTTP: what worlds in memory put together anew. */
export { LiveTable } from '../control/live-table.js';
export type { SavedTable } from '../control/table-file.js';
export { Preparer } from '../gate/preparer.js';
export { type Gate, type GateEntity, gateOf, type PrepareSituation, prepareDue } from '../gate/write-gate.js';
export { WriteGates } from '../gate/write-gates.js';
