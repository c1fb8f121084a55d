import { type Control, type ControlChange, eventOf, type FoldedControl, foldControl } from '@banyan/control';
import { BanyanError, type Clock, type NewId } from '@banyan/core';
import type { EventLog } from '@banyan/kafka';
import type { Pool } from '@banyan/postgres';
import type { AnyEntity } from '@banyan/transformer';
import type { AppAddress } from '../status.js';

/** What operations that change who writes, reads or sends need. */
export interface ControlSides {
  /** Has been followed. */
  readonly control: Control;
  readonly entities: readonly AnyEntity[];
  readonly log: EventLog;
  readonly topicPrefix: string;
  /** Reads schema `v2`. */
  readonly v2: Pool;
  /** Owns schema `banyan`. */
  readonly banyan: Pool;
  /** Consumers whose lag and parked keys count. */
  readonly apps: readonly AppAddress[];
  readonly porterUrl: string;
  readonly newId: NewId;
  readonly clock: Clock;
  /** Who does it, and why. */
  readonly by: string;
  readonly reason: string | null;
}

/** What the log would make of a change that is written now; nothing is written. */
export function foldedNow({ control, by, reason, newId, clock }: ControlSides, change: ControlChange): FoldedControl {
  const state = control.state();
  const expectedVersion = state.versions[change.data.subject] ?? 0;
  const event = eventOf(change, { expectedVersion, by, reason, atMs: clock.now() });
  return foldControl(state, { id: newId(), event });
}

/** A guard said no, or somebody was first. */
export function refusedBy(what: string, why: string): BanyanError {
  return new BanyanError('OPERATIONS_REFUSED', `${what}: ${why}.`, { data: { what, why } });
}
