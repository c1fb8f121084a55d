import type { Trace } from '../store/work.js';

export type ReceiptOutcome = 'ported' | 'skipped' | 'refused' | 'parked' | 'inDoubt' | 'discarded';

/** The data of `banyan.receipt.v1.EventHandled`. */
export interface ReceiptBody {
  readonly entity: string;
  readonly key: string;
  readonly eventId: string;
  readonly port: string;
  readonly outcome: ReceiptOutcome;
  readonly version: number;
  readonly transformerVersion: number;
  readonly stateHash: string | null;
  readonly legacyId: string | null;
  /** Of legacy's row once it is ported; null = there is none. Left out of everything else. */
  readonly rowHash?: string | null;
  /** Legacy has the whole state as a person asked for it: what was given up of the key before is made good. Left out = it has not. */
  readonly whole?: boolean;
  readonly operation: string | null;
  readonly reason: string | null;
  readonly atMs: number;
}

/**
 * Noted in the transaction of what it tells of; the outbox appends it to the log and repeats until acknowledged.
 */
export interface NewReceipt {
  readonly body: ReceiptBody;
  readonly trace: Trace;
}
