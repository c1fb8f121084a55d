/* What a simulation runs: the porter's own parts, on a store in memory. `porter-in-memory.ts` puts them together. */
export { forget, leave, register } from '../instance/incarnations.js';
export { LEASE_MS, SILENT_MS } from '../instance/lease-time.js';
export { type Bypass, type IntakeOptions, intake } from '../intake/intake.js';
export { type IntakeEffect, planChange } from '../intake/plan-change.js';
export { remember } from '../intake/remember.js';
export { type Outbox, type OutboxOptions, startOutbox } from '../receipts/outbox.js';
export type { DiscardSendOrder } from '../repairs/discard-send.js';
export { type PorterRepairs, porterRepairs } from '../repairs/porter-repairs.js';
export type { DoubtOrder } from '../repairs/settle-doubt.js';
export { type AttemptContext, attempt, type Journal } from '../sending/attempt.js';
export { Lanes } from '../sending/lanes.js';
export { type Sending, type SendingOptions, startSending } from '../sending/sending.js';
export type { HttpSendingPort, Known, LastPorted, SendingPort } from '../sending/sending-port.js';
export type { Attempted, Verdict } from '../sending/verdict.js';
export { keepHouse } from '../store/housekeeping.js';
export type { PorterStatements, PorterStore } from '../store/porter-store.js';
export { applySwitch } from '../store/switches.js';
export type { Holder, Intent, SendOperation, Work } from '../store/work.js';
export { settingOf } from '../switches/settings.js';
export { createMemoryPorterStore, type MemoryPorterStoreOptions } from './memory-store/memory-porter-store.js';
export {
  type InstanceRow,
  type IntentRow,
  type LinkRow,
  type PortedTableRow,
  type ReceiptRow,
  type SwitchRow,
  TABLE,
  type WorkRow,
} from './memory-store/rows.js';
export { PorterInMemory, PorterLife } from './porter-in-memory.js';
export { type Thing, ThingsRig } from './things.js';
