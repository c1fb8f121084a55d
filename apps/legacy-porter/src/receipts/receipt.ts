import { newId } from '@banyan/core';
import type { Connection } from '@banyan/postgres';
import type { Trace } from '../store/work.js';

export type ReceiptOutcome = 'ported' | 'skipped' | 'refused' | 'parked' | 'inDoubt';

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
  readonly operation: string | null;
  readonly reason: string | null;
  readonly atMs: number;
}

export interface NewReceipt {
  readonly body: ReceiptBody;
  readonly trace: Trace;
}

/**
 * Notes receipts in the transaction of what they tell of; the outbox appends them to the log and repeats until acknowledged. Each
 * has its id from the beginning, so that a repeat is the same record.
 */
export async function noteReceipts(tx: Connection, writer: string, receipts: readonly NewReceipt[]): Promise<void> {
  if (receipts.length === 0) return;
  await tx.query(
    `insert into porter.receipt (receipt_id, writer, key, body, trace)
     select r.receipt_id, $1, r.key, r.body, r.trace
     from unnest($2::uuid[], $3::uuid[], $4::jsonb[], $5::jsonb[]) with ordinality as r(receipt_id, key, body, trace, place)
     order by r.place`,
    [
      writer,
      receipts.map(() => newId()),
      receipts.map(({ body }) => body.key),
      receipts.map(({ body }) => JSON.stringify(body)),
      receipts.map(({ trace }) => JSON.stringify(trace)),
    ],
  );
}
