import type { AnyEntity } from '@banyan/transformer';

/** Path of one entity: that of its `one` query. */
export function locationOf(entity: AnyEntity, id: string): string {
  const one = entity.queries.find((query) => query.type === 'one');
  return (one?.path ?? `/v2/${entity.name}s/:id`).replace(':id', id);
}

/** Path of an event's receipt. */
export function receiptLocation(eventId: string): string {
  return `/v2/receipts/${eventId}`;
}
