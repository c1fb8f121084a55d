import { BanyanError } from '@banyan/core';
import type { SeenRow } from '@banyan/legacy';
import type { LegacyRow } from '@banyan/transformer';
import { ROW_NOT_TOLD } from '../rebuilding/learn.js';
import { asCreated } from '../sending/decide.js';
import type { HttpSendingPort, SendingPort } from '../sending/sending-port.js';
import { writeLinks } from '../store/links.js';
import type { PorterStore } from '../store/porter-store.js';
import { requireNotArrived, type StandingOrder, standingSend } from './discard-send.js';
import { sendReceipt } from './send-receipt.js';

export interface DoubtContext {
  readonly store: PorterStore;
  readonly port: SendingPort;
  readonly writer: string;
  readonly nowMs: () => number;
}

/** What a person has seen in legacy. */
export type DoubtOrder = StandingOrder & ({ readonly arrivedAs: string } | { readonly notArrived: true });

/**
 * A person ends a doubt that nothing in legacy ends. It did not arrive: it is sent, as if for the first time, once no earlier attempt can
 * be executed any more. It arrived as a row: that row is linked and counts as what was sent, as if legacy had answered. Throws
 * `PORTER_SEND_NOT_STANDING`, `PORTER_STILL_IN_DOUBT`, `PORTER_ARRIVED_UNLIKELY` (no such row, or it cannot be this send's).
 */
export async function settleDoubt(context: DoubtContext, order: DoubtOrder): Promise<void> {
  if ('arrivedAs' in order) return arrivedAs(context, order, order.arrivedAs);
  const { store, port } = context;
  await store.transaction(async (tx) => {
    const send = await standingSend(tx, port, order);
    if (send.state !== 'in-doubt')
      throw unlikely(port, order, 'it is not in doubt: `banyan parked replay` lets it go on');
    await requireNotArrived(tx, port, send, true);
    await tx.dropIntent(send, 'any');
    await tx.readyAgain(port.consumer, order.key);
  });
}

async function arrivedAs(context: DoubtContext, order: StandingOrder, legacyId: string): Promise<void> {
  const { store, port, writer, nowMs } = context;
  const { key, by, reason } = order;
  if (port.over !== 'http') throw unlikely(port, order, 'its backend has a marker that knows, so it is never in doubt');
  const id = port.entity.legacy.canonicalId(legacyId);
  const seen = await look(port, order, id);
  await store.transaction(async (tx) => {
    const send = await standingSend(tx, port, order);
    if (send.state !== 'in-doubt' || send.operation !== 'create') {
      throw unlikely(
        port,
        order,
        `a ${send.operation} that is ${send.state} is not settled so: replay it, legacy is looked at`,
      );
    }
    const of = { entity: port.entity.name, port: port.definition.name, settleAfterMs: 0 };
    const intent = (await tx.readSends([{ work: send, ...of }]))[0]?.intent;
    if (intent?.mayHaveArrived !== true) throw unlikely(port, order, 'nothing of it was ever sent');
    const taken = await writeLinks(tx, [{ entity: port.entity.name, port: port.definition.name, key, legacyId: id }]);
    if (taken[0] !== undefined) throw unlikely(port, order, `row ${id} is linked to ${taken[0].heldBy}`);
    // As it was sent: what somebody has made of the row since is not to be covered by the next change.
    // Sent by a porter whose database was lost it is not known, and that change is held for a person to see.
    const sent = intent.row as LegacyRow | null;
    const rowHash = sent === null ? null : port.sender.hash(asCreated(sent, seen));
    await tx.endStanding(send);
    await tx.closeIntents([{ work: send, outcome: 'ported', legacyId: id }]);
    await tx.savePorted([
      { consumer: port.consumer, key, version: send.version, hash: rowHash ?? ROW_NOT_TOLD, created: true },
    ]);
    const told = { outcome: 'ported', by, reason, legacyId: id, rowHash, atMs: nowMs() } as const;
    await tx.addReceipts(writer, [sendReceipt(port, send, told)]);
  });
}

async function look(port: HttpSendingPort, order: StandingOrder, legacyId: string): Promise<SeenRow<LegacyRow>> {
  const seen = await port.sender.look(legacyId);
  if (seen.type === 'row') return seen.seen;
  if (seen.type === 'absent') throw unlikely(port, order, `legacy has no row ${legacyId}`);
  throw new BanyanError(
    'PORTER_LEGACY_AWAY',
    `Legacy does not show row ${legacyId} now (${seen.reason}); say it again.`,
    {
      retryable: true,
      data: { consumer: port.consumer, key: order.key, legacyId },
    },
  );
}

function unlikely(port: SendingPort, { key, eventId }: StandingOrder, why: string): BanyanError {
  return new BanyanError('PORTER_ARRIVED_UNLIKELY', `${port.entity.name} ${key} is not settled: ${why}.`, {
    data: { consumer: port.consumer, key, eventId, why },
  });
}
