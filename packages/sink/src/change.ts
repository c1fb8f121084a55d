import type { DomainEvent } from '@banyan/contracts';
import type { Origin, Outcome } from '@banyan/core';

interface ChangeOf<O extends Outcome, E> {
  /** The entity id. */
  readonly key: string;
  readonly partition: number;
  readonly offset: bigint;
  /** The record's headers as they lie in the log. */
  readonly headers: Readonly<Record<string, string>>;
  readonly eventId: string;
  readonly eventType: string | undefined;
  readonly origin: Origin;
  /** The version the event was decided on. */
  readonly expectedVersion: number;
  /** Imports: hash of the canonical legacy row that was read. */
  readonly contentHash: string | undefined;
  readonly outcome: O;
  /** The key's version after this event. */
  readonly version: number;
  /** The documents around this event: `before` of a change is `after` of the key's change before it. undefined = none. */
  readonly before: unknown;
  readonly after: unknown;
  readonly beforeLive: boolean;
  readonly afterLive: boolean;
  /** For imports its data has the field `legacyId`. */
  readonly event: E;
}

/** An event that took effect: the key went from `before` to `after`. */
export type EffectiveChange = ChangeOf<'effective', DomainEvent>;

/** An event that changed no document: refused, a repeat, or an import that brought nothing new. */
export type OtherChange = ChangeOf<Exclude<Outcome, 'effective' | 'invalid'>, DomainEvent | undefined>;

/** What one event meant for its key, in log order. Events of keys that stand still make none until they are replayed. */
export type Change = EffectiveChange | OtherChange;
