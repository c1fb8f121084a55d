import type { Position } from '@banyan/kafka';
import type { PendingEvent } from '../commands/pending-event.js';
import { receiptLocation } from '../http/routes.js';
import { problem } from '../problems.js';
import type { Receipts } from './receipt-store.js';

/** The receipts of one command's events: when they are kept, and what may be promised. */
export class PromisedReceipt {
  /** @param asked the caller prefers to be told later: then there is a receipt before the event may be in the log */
  constructor(
    private readonly receipts: Receipts,
    private readonly entity: string,
    private readonly asked: boolean,
  ) {}

  /** Throws what the store throws: nothing was appended yet. */
  async beforeAppend(pending: PendingEvent): Promise<void> {
    if (this.asked) await this.receipts.keep(this.entity, pending);
  }

  async acknowledged(pending: PendingEvent, position: Position): Promise<void> {
    // Kept already: without the place the projector still tells what became of it.
    if (this.asked) await this.receipts.acknowledged(pending.eventId, position).catch(() => undefined);
  }

  /** Kafka certainly did not take it. */
  async notAppended({ eventId }: PendingEvent): Promise<void> {
    if (this.asked) await this.receipts.drop(eventId).catch(() => undefined);
  }

  /** Resolves where a 202 may be given, since it promises a receipt; else throws `API_OUTCOME_UNKNOWN`. */
  async forAccepted(pending: PendingEvent, position: Position): Promise<void> {
    if (this.asked) return;
    const { eventId, record } = pending;
    try {
      await this.receipts.keep(this.entity, pending, position);
    } catch (cause) {
      throw problem(
        'API_OUTCOME_UNKNOWN',
        `Event ${eventId} is in the log; neither its outcome is known nor can a receipt be kept. Ask again with the same Idempotency-Key to find out.`,
        { data: { eventId, id: record.key }, cause },
      );
    }
  }

  /** For a problem: where a caller without an Idempotency-Key can find out as well; nothing where it cannot be kept. */
  async ifKept(pending: PendingEvent, position?: Position): Promise<{ readonly receipt?: string }> {
    try {
      await this.receipts.keep(this.entity, pending, position);
      return { receipt: receiptLocation(pending.eventId) };
    } catch {
      return {};
    }
  }

  /** For an answer with an outcome: where legacy's half can be asked for. */
  link({ eventId }: PendingEvent): Readonly<Record<string, string>> {
    return this.asked ? { link: `<${receiptLocation(eventId)}>; rel="status"` } : {};
  }
}
