import type { ReceiptBody } from '../receipts/receipt.js';
import type { PorterStatements, PorterStore, PortSwitch } from './porter-store.js';

/** Why an event of a port that is off was not sent, as its receipt says. */
export const PORT_OFF = 'port off';

export interface SwitchContext {
  readonly store: PorterStore;
  /** Under whose name receipts wait for the log. */
  readonly writer: string;
  readonly nowMs: () => number;
  /** `version` of the entity's definition. */
  readonly transformerVersion: number;
}

/**
 * Stores a switch; an older one than is known does nothing. Off: every send that is due gets its receipt, once, in the same
 * transaction. Answers whether anything changed.
 *
 * The lock waits for intakes that took the port for on: their work is there then and is told of. Intakes behind it tell by themselves.
 */
export async function applySwitch(context: SwitchContext, change: PortSwitch): Promise<boolean> {
  return context.store.transaction(async (tx) => {
    await tx.lockSwitch(change.consumer, 'alone');
    if (!(await tx.saveSwitch(change))) return false;
    if (change.mode === 'off') await tellOfDue(tx, context, change.consumer);
    return true;
  });
}

/** In the transaction of an intake: whether the port is off, which stays so until the transaction ends. */
export async function staysOff(tx: PorterStatements, consumer: string): Promise<boolean> {
  await tx.lockSwitch(consumer, 'shared');
  return tx.isOff(consumer);
}

async function tellOfDue(tx: PorterStatements, context: SwitchContext, consumer: string): Promise<void> {
  const [entity = '', port = ''] = consumer.split('.');
  const { writer, nowMs, transformerVersion } = context;
  const due = await tx.tellOff(consumer);
  await tx.addReceipts(
    writer,
    due.map(({ trace, ...send }) => ({
      trace,
      body: portOffReceipt({ entity, port, ...send, transformerVersion, atMs: nowMs() }),
    })),
  );
}

/** An event that is not sent since its port is off; when it is on again, a later receipt tells that it was. */
export function portOffReceipt(of: Omit<ReceiptBody, 'outcome' | 'legacyId' | 'reason'>): ReceiptBody {
  return { ...of, outcome: 'skipped', legacyId: null, reason: PORT_OFF };
}
