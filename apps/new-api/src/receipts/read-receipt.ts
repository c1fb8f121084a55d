import { isBanyanError, type Outcome } from '@banyan/core';
import type { Log } from '@banyan/service';
import type { AnyEntity } from '@banyan/transformer';
import { madeVersion, type OutcomeTools } from '../commands/event-outcome.js';
import { locationOf } from '../http/routes.js';
import type { PorterSends } from '../ported/porter-sends.js';
import { problem } from '../problems.js';
import { learn } from './learn.js';
import { type PortReceipt, portReceipt, type Receipt, receiptOf } from './receipt.js';
import type { KeptReceipt, ReceiptStore } from './receipt-store.js';

export interface ReceiptTools extends Pick<OutcomeTools, 'store' | 'log'> {
  readonly receipts: Pick<ReceiptStore, 'find' | 'learned'>;
  /** All that are migrated: an instance answers for the events of all, whichever entities it serves. */
  readonly entities: readonly AnyEntity[];
  /** undefined = no porter is configured. */
  readonly sends: PorterSends | undefined;
  readonly logger: Log;
}

/** A receipt, and the event it is of. */
export interface ReadReceipt {
  readonly kept: KeptReceipt;
  readonly receipt: Receipt;
}

/** How long the porter may take to say what became of a send, milliseconds. */
const PORTER_TIMEOUT_MS = 2_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * What became of an event: what was kept of it, the projector's store, the log and the porter's journal say so, in this moment. Throws
 * `API_RECEIPT_UNKNOWN`; and `POSTGRES_UNAVAILABLE`, `API_STORE_NOT_READY`, `LOG_UNAVAILABLE` (retryable).
 */
export async function readReceipt(tools: ReceiptTools, eventId: string): Promise<ReadReceipt> {
  const id = eventId.toLowerCase();
  const kept = UUID.test(id) ? await tools.receipts.find(id) : undefined;
  if (kept === undefined) {
    throw problem('API_RECEIPT_UNKNOWN', `There is no receipt ${eventId}: none was given, or it is older than 7 days.`);
  }
  const learned = await learn(tools, kept);
  const entity = tools.entities.find(({ name }) => name === kept.entity);
  const facts = {
    eventId: id,
    entity: kept.entity,
    id: kept.record.key,
    location: entity === undefined ? null : locationOf(entity, kept.record.key),
    makes: madeVersion(kept),
    asksPorter: tools.sends !== undefined,
    since: kept.since,
    keptUntil: kept.keptUntil,
  };
  if (learned.type !== 'passed') return { kept, receipt: receiptOf({ ...facts, state: learned.type, ports: [] }) };
  const { outcome, exact, state } = learned;
  if (kept.outcome === undefined && exact) await remember(tools, id, outcome);
  if (outcome !== 'effective')
    return { kept, receipt: receiptOf({ ...facts, state: 'projected', outcome, ports: [] }) };
  const standsStill = state.parked && state.appliedVersion < facts.makes;
  const [parked, ports] = await Promise.all([
    standsStill ? tools.store.parked(kept.entity, kept.record.key) : undefined,
    portsOf(tools, entity, { key: kept.record.key, version: facts.makes }),
  ]);
  const receipt = standsStill
    ? receiptOf({ ...facts, state: 'parked', outcome, ports, parked: parked === undefined ? null : briefly(parked) })
    : receiptOf({ ...facts, state: 'projected', outcome, ports });
  return { kept, receipt };
}

/** What was learned once need not be learned again; where it cannot be written it is learned again. */
async function remember({ receipts, logger }: ReceiptTools, eventId: string, outcome: Outcome): Promise<void> {
  await receipts.learned(eventId, outcome).catch((error: unknown) => {
    logger.warn({ err: error, eventId }, 'the outcome of a receipt was not written down');
  });
}

function portsOf(
  { sends }: ReceiptTools,
  entity: AnyEntity | undefined,
  event: { readonly key: string; readonly version: number },
): Promise<readonly PortReceipt[]> {
  const ports = entity?.legacy.ports ?? [];
  return Promise.all(
    ports.map(async ({ name: port }): Promise<PortReceipt> => {
      try {
        const asked = { entity: entity?.name ?? '', port, ...event };
        return portReceipt(port, await sends?.send(asked, PORTER_TIMEOUT_MS));
      } catch (error) {
        if (!isBanyanError(error) || !error.retryable) throw error;
        // V2's half is worth an answer; the porter's comes later.
        return { port, state: 'unknown', legacyId: null, errorCode: error.code, message: error.message };
      }
    }),
  );
}

function briefly<T extends NonNullable<Receipt['parked']>>({ eventId, eventType, errorCode, errorMessage }: T) {
  return { eventId, eventType, errorCode, errorMessage };
}
