import { newId } from '@banyan/core';
import type { ReceiptBody } from '../receipts/receipt.js';

/** A receipt of an order that was ported, of an event and a key of its own unless said otherwise. */
export function aReceipt(of: Partial<ReceiptBody> = {}): ReceiptBody {
  return {
    entity: 'order',
    key: newId(),
    eventId: newId(),
    port: 'backend',
    outcome: 'ported',
    version: 1,
    transformerVersion: 1,
    stateHash: null,
    legacyId: null,
    operation: null,
    reason: null,
    atMs: 0,
    ...of,
  };
}
