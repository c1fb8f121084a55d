import { storable } from '@banyan/postgres';
import type { Word } from '@banyan/sink';
import type { NewReceipt, ReceiptBody } from '../receipts/receipt.js';
import type { SendingPort } from '../sending/sending-port.js';
import type { FirstSend } from '../store/repairs.js';

interface Told extends Word, Pick<ReceiptBody, 'outcome' | 'atMs'> {
  readonly legacyId?: string;
  /** Of the row, where it is known as it was sent. */
  readonly rowHash?: string | null;
}

/** The receipt of a send that a person has ended, with who and why. */
export function sendReceipt(
  { entity, definition }: SendingPort,
  { key, version, eventId, operation, stateHash, trace }: FirstSend,
  { outcome, by, reason, atMs, legacyId, rowHash = null }: Told,
): NewReceipt {
  const body = {
    entity: entity.name,
    key,
    eventId,
    port: definition.name,
    outcome,
    version,
    transformerVersion: entity.version,
    stateHash,
    legacyId: legacyId ?? null,
    rowHash,
    operation,
    reason: storable(givenUpBecause({ by, reason })),
    atMs,
  };
  return { trace, body };
}

export function givenUpBecause({ by, reason }: Word): string {
  return `${by}: ${reason}`;
}

/** Who and why, as such a receipt tells of them. */
export function wordIn(reason: string | null): Word {
  const [by = '', ...why] = (reason ?? '').split(': ');
  return { by, reason: why.join(': ') };
}
