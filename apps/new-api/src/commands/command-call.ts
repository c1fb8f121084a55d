import type { AnyEntity } from '@banyan/transformer';
import type { AnyCommand } from './decision.js';
import type { IfMatch } from './if-match.js';

/** Which entity a command changes: by its id in V2, or by the canonical id of its row in legacy. */
export type Address = { readonly id: string } | { readonly legacyId: string };

/** A command as a caller sent it, validated. */
export interface CommandCall {
  readonly entity: AnyEntity;
  readonly command: AnyCommand;
  /** Of the route; undefined = the command creates. */
  readonly address: Address | undefined;
  readonly body: unknown;
  readonly ifMatch: IfMatch | undefined;
  /** The caller will ask its receipt: it is kept before the event may be in the log. */
  readonly respondAsync: boolean;
  /** W3C trace context of the request. */
  readonly traceparent: string | undefined;
  /** What the request is part of, as the caller says; without it the event is an action by itself. */
  readonly correlationId?: string | undefined;
  /** Events between the request and a person or a clock, as the caller says. */
  readonly hops?: number | undefined;
}
