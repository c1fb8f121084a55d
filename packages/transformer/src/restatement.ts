import type { DomainEvent, EventType } from '@banyan/contracts';

/** Who puts a whole state in the place of what cannot be processed, and why. */
export interface WhyRestated {
  readonly by: string;
  readonly reason: string;
}

/**
 * The way on for a key of V2 whose past cannot be processed: one event that carries the whole state. `evolve` of it leaves exactly that
 * state, whatever stood before, so every consumer may pass what is parked. The kit's `lawOfRestating` checks it.
 */
export interface Restatement<S, E extends DomainEvent> {
  /** `<Entity>Restated`, among the entity's events. */
  readonly type: EventType;
  /** Pure. @param state undefined = there is none any more */
  of(state: S | undefined, why: WhyRestated): E;
}

/** Whether what was made of an event is made of a whole state that a person has given. */
export function isRestatement(
  { restated }: { readonly restated?: { readonly type: Pick<EventType, 'name'> } | undefined },
  eventType: string | undefined,
): boolean {
  return restated !== undefined && eventType === restated.type.name;
}
