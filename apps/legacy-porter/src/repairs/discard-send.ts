import { BanyanError } from '@banyan/core';
import { type SinkStore, tallyOf, type Word } from '@banyan/sink';
import { settleAfterMsOf } from '@banyan/transformer';
import type { SendingPort } from '../sending/sending-port.js';
import type { PorterStatements, PorterStore } from '../store/porter-store.js';
import type { FirstSend } from '../store/repairs.js';
import { sendReceipt } from './send-receipt.js';

export interface StandingContext<Handle> {
  readonly sinkStore: SinkStore<Handle>;
  readonly store: Pick<PorterStore<Handle>, 'within'>;
  readonly port: SendingPort;
  /** Of a key's events. */
  partitionOf(key: string): number;
  /** Under whose name receipts wait for the log. */
  readonly writer: string;
  readonly nowMs: () => number;
}

/** Which send is meant. */
export interface StandingOrder extends Word {
  readonly key: string;
  /** The event that its key stands behind: another one may, by the time this arrives. */
  readonly eventId: string;
}

export interface DiscardSendOrder extends StandingOrder {
  /** Of one in doubt: a person has looked, and it did not arrive. */
  readonly notArrived?: boolean | undefined;
}

/**
 * Gives up the send that its key stands behind, with its receipt, and marks the key unlike: what waits behind it goes on by itself. In the
 * books its effect goes from applied (its work was made) to discarded. Throws `PORTER_SEND_NOT_STANDING`, `PORTER_STILL_IN_DOUBT`.
 */
export async function discardSend<Handle>(context: StandingContext<Handle>, order: DiscardSendOrder): Promise<void> {
  const { sinkStore, store, port, writer, nowMs } = context;
  const { key, by, reason } = order;
  const partition = context.partitionOf(key);
  await sinkStore.transaction(async (tx) => {
    // Behind it nothing is taken in of the partition, so its books are moved by nobody else.
    const next = await tx.lockPosition(partition);
    const porter = store.within(tx.handle);
    const send = await standingSend(porter, port, order);
    if (send.state === 'in-doubt') await requireNotArrived(porter, port, send, order.notArrived === true);
    await porter.discardWork(send, { by, reason });
    await tx.markUnlike({ key, version: send.version, by, reason });
    await porter.addReceipts(writer, [sendReceipt(port, send, { outcome: 'discarded', by, reason, atMs: nowMs() })]);
    // What a re-port made is no event's effect: that of its event is counted already.
    const moved = send.rePort === 'added' ? {} : { applied: -1, discarded: 1 };
    await tx.notifyPosition(partition, next, tallyOf(moved));
  });
}

/** The send that is meant, held. Throws `PORTER_SEND_NOT_STANDING`. */
export async function standingSend(
  porter: PorterStatements,
  port: SendingPort,
  { key, eventId }: StandingOrder,
): Promise<FirstSend> {
  const send = await porter.lockFirst(port.consumer, key);
  const stands = send?.state === 'parked' || send?.state === 'in-doubt';
  if (send !== undefined && stands && send.eventId === eventId) return send;
  const now = send === undefined ? 'nothing of it is left to send' : `event ${send.eventId} is ${send.state}`;
  throw new BanyanError(
    'PORTER_SEND_NOT_STANDING',
    `${port.entity.name} ${key} does not stand behind the send of event ${eventId} at ${port.consumer}: ${now}. Look again: \`banyan parked list\`.`,
    { data: { consumer: port.consumer, key, eventId } },
  );
}

/** A person says that it did not arrive, and it cannot any more. Throws `PORTER_STILL_IN_DOUBT`. */
export async function requireNotArrived(
  porter: PorterStatements,
  port: SendingPort,
  send: FirstSend,
  said: boolean,
): Promise<void> {
  const of = { entity: port.entity.name, port: port.definition.name, settleAfterMs: settleAfterMsOf(port.definition) };
  const settledInMs = (await porter.readSends([{ work: send, ...of }]))[0]?.intent?.settledInMs ?? 0;
  if (said && settledInMs === 0) return;
  const why = said
    ? `it may still be executed for ${settledInMs} ms: say it again then`
    : 'nobody knows whether legacy took it. Look in legacy, then say `--arrived-as <its id>` to `banyan parked settle`, or `--not-arrived`';
  throw new BanyanError(
    'PORTER_STILL_IN_DOUBT',
    `The ${send.operation} of ${port.entity.name} ${send.key} is in doubt: ${why}.`,
    {
      data: { consumer: port.consumer, key: send.key, eventId: send.eventId, settledInMs },
    },
  );
}
