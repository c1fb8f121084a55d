import type { ReceiptBody } from '../../receipts/receipt.js';
import type { SwitchMode } from '../../store/porter-store.js';
import type { OfRePort, SendOperation, Trace, WorkId } from '../../store/work.js';

/** The tables of schema `porter`, as the twin has them; for the judge of a test. Times are milliseconds since 1970. */
export const TABLE = {
  work: 'porter.work',
  intent: 'porter.intent',
  link: 'porter.link',
  ported: 'porter.ported',
  receipt: 'porter.receipt',
  switch: 'porter.switch',
  instance: 'porter.instance',
  receiptsRead: 'porter.receipts_read',
  lostPast: 'porter.lost_past',
} as const;

export interface WorkRow extends WorkId {
  readonly seq: number;
  readonly eventId: string;
  readonly eventType: string;
  readonly trace: Trace;
  readonly operation: SendOperation;
  readonly document: unknown;
  readonly stateHash: string | null;
  readonly state: 'ready' | 'waiting' | 'parked' | 'in-doubt';
  readonly waitingFor: readonly string[] | null;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly since: number;
  readonly attempts: number;
  readonly notBefore: number;
  readonly claimedBy: string | null;
  readonly claimedIncarnation: number | null;
  readonly claim: string | null;
  readonly toldOff: boolean;
  readonly legacyStatus: number | null;
  readonly legacyWords: string | null;
  readonly rePort: OfRePort | undefined;
}

export interface IntentRow extends WorkId {
  readonly eventId: string;
  readonly operation: SendOperation;
  readonly attempt: number;
  readonly writer: string;
  readonly incarnation: number;
  readonly state: 'open' | 'unclear' | 'closed';
  readonly mayHaveArrived: boolean;
  readonly highWaterMark: string | null;
  readonly legacyId: string | null;
  readonly legacyRow: Record<string, unknown> | null;
  readonly sentAt: number;
  readonly settleFrom: number | null;
  readonly closedAt: number | null;
  readonly outcome: string | null;
}

export interface LinkRow {
  readonly seq: number;
  readonly entity: string;
  readonly port: string;
  readonly key: string;
  readonly legacyId: string;
}

export interface PortedTableRow {
  readonly consumer: string;
  readonly key: string;
  readonly version: number;
  readonly hash: string | null;
  readonly etag: string | null;
  readonly earlier: readonly (string | null)[];
  /** undefined = it was not restored from receipts. */
  readonly restored?: number | undefined;
}

/** Of a table that keeps an offset for each partition. */
export interface OffsetsRow {
  readonly consumer: string;
  readonly partition: number;
  readonly at: bigint;
}

export interface ReceiptRow {
  readonly id: number;
  readonly receiptId: string;
  readonly writer: string;
  readonly key: string;
  readonly body: ReceiptBody;
  readonly trace: Trace;
}

export interface SwitchRow {
  readonly consumer: string;
  readonly mode: SwitchMode;
  readonly version: number;
}

export interface InstanceRow {
  readonly name: string;
  readonly incarnation: number;
  readonly startedAt: number;
  readonly heartbeatAt: number;
  readonly leftAt: number | null;
}

/** Numbers in ids are written so that ids sort as the numbers do. */
export function workRowId({ consumer, key, version }: WorkId): string {
  return `${consumer} ${key} ${padded(version)}`;
}

export function padded(number: number): string {
  return String(number).padStart(12, '0');
}

export function isSameWork(a: WorkId, b: WorkId): boolean {
  return a.consumer === b.consumer && a.key === b.key && a.version === b.version;
}
