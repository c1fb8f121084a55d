import type { Outcome } from '@banyan/core';
import type { NotedEvent } from '../commands/pending-event.js';
import type { KeptReceipt, ReceiptStore } from '../receipts/receipt-store.js';

/** The store of receipts, in memory. */
export class KeptReceipts implements Pick<ReceiptStore, 'keep' | 'acknowledged' | 'drop' | 'find' | 'learned'> {
  readonly kept = new Map<string, KeptReceipt>();
  /** Its database is away: what it throws. */
  away: Error | undefined;

  async keep(entity: string, event: NotedEvent, position?: NotedEvent['position']): Promise<void> {
    this.answer();
    const before = this.kept.get(event.eventId);
    this.kept.set(event.eventId, {
      eventId: event.eventId,
      record: event.record,
      noted: event.noted,
      entity,
      position: before?.position ?? position,
      outcome: before?.outcome,
      since: '2026-01-01T00:00:00.000Z',
      keptUntil: '2026-01-08T00:00:00.000Z',
    });
  }

  async acknowledged(eventId: string, position: NonNullable<NotedEvent['position']>): Promise<void> {
    this.answer();
    const kept = this.kept.get(eventId);
    if (kept !== undefined) this.kept.set(eventId, { ...kept, position: kept.position ?? position });
  }

  async drop(eventId: string): Promise<void> {
    this.answer();
    this.kept.delete(eventId);
  }

  async find(eventId: string): Promise<KeptReceipt | undefined> {
    this.answer();
    return this.kept.get(eventId);
  }

  async learned(eventId: string, outcome: Outcome): Promise<void> {
    this.answer();
    const kept = this.kept.get(eventId);
    if (kept !== undefined) this.kept.set(eventId, { ...kept, outcome });
  }

  private answer(): void {
    if (this.away !== undefined) throw this.away;
  }
}
