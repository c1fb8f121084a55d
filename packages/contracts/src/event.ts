import type { DomainEvent, EventType } from './event-type.js';

/** An event of a generated type: `event(OrderPlaced, { … })`. */
export function event<N extends string, D>(
  type: EventType<D> & { readonly name: N },
  data: NoInfer<D>,
): DomainEvent<N, D> {
  return { type: type.name, data };
}
