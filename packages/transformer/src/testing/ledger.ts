import { createHash } from 'node:crypto';
import type { DomainEvent } from '@banyan/contracts';
import {
  type Authority,
  FIRST_AUTHORITY,
  fold,
  foldMarker,
  type KeyState,
  type Marker,
  NEVER_SEEN,
} from '@banyan/core';
import type { AnyEntity } from '../entity.js';
import { livenessOf } from '../liveness.js';
import { requireEqual } from './require-equal.js';

/** One key as a consumer keeps it. */
export interface Ledger<S> {
  readonly authority: Authority;
  readonly keyState: KeyState;
  readonly state: S | undefined;
}

/** Everything may be changed natively, so that a history reads as it is written. */
export const EMPTY_LEDGER: Ledger<never> = {
  authority: { ...FIRST_AUTHORITY, share: 100 },
  keyState: NEVER_SEEN,
  state: undefined,
};

/**
 * Delivers one entry of a history twice, through the fold and `evolve`, as every consumer does. Throws when the entry does
 * not take effect, when the second delivery changes anything, when `evolve` or a projection is not pure, or when the state
 * does not survive being stored as JSON.
 */
export function deliverTwice<S>(
  entity: AnyEntity,
  id: string,
  ledger: Ledger<S>,
  entry: DomainEvent | Marker,
): Ledger<S> {
  if (isMarker(entry)) return { ...ledger, authority: foldMarker(ledger.authority, entry) };
  if (!entity.events.some(({ name }) => name === entry.type)) {
    throw new Error(`${entry.type} is not an event of ${entity.name}.`);
  }
  const event = frozen(entry);
  const next: S | undefined = frozen(entity.evolve(frozen(ledger.state), event));
  requireEqual(entity.evolve(ledger.state, event), next, `evolve makes another state of the same ${event.type}`);
  requireEqual(asStored(next), next, `the state after ${event.type} is another one when it has been stored as JSON`);
  requireRows(entity, id, next);

  const imported = isImport(event);
  const headers = {
    key: id,
    id: `${ledger.keyState.version + 1}:${event.type}`,
    origin: imported ? ('backfill' as const) : ('api' as const),
    expectedVersion: ledger.keyState.version,
    epoch: ledger.authority.epoch,
    liveness: livenessOf(entity, next),
    contentHash: imported ? createHash('sha256').update(JSON.stringify(event.data)).digest('hex') : undefined,
  };
  const first = fold(ledger.authority, ledger.keyState, headers);
  if (first.outcome === 'unchanged') return { ...ledger, keyState: first.keyState };
  if (first.outcome !== 'effective') {
    throw new Error(
      `${event.type} would be ${first.outcome} at this place: put a handback or fence before it, or leave it out.`,
    );
  }
  const again = fold(ledger.authority, first.keyState, headers);
  if (again.outcome === 'effective') throw new Error(`${event.type} takes effect twice.`);
  requireEqual(again.keyState, first.keyState, `a second ${event.type} moves the key`);
  return { authority: ledger.authority, keyState: first.keyState, state: next };
}

export function isMarker(entry: DomainEvent | Marker): entry is Marker {
  return entry.type === 'fence' || entry.type === 'handback';
}

/** Imports name the row they were made of. */
function isImport(event: DomainEvent): boolean {
  return typeof event.data === 'object' && event.data !== null && 'legacyId' in event.data;
}

function requireRows(entity: AnyEntity, id: string, state: unknown): void {
  for (const { table, key, columns, rows } of entity.projections) {
    const made = rows(state, id);
    requireEqual(rows(state, id), made, `${table} makes other rows of the same state`);
    for (const row of made) {
      requireEqual(
        Object.keys(row).toSorted(),
        Object.keys(columns).toSorted(),
        `${table} makes a row of other columns`,
      );
      requireEqual(row[key], id, `${table} makes a row of another key`);
    }
  }
}

function asStored<T>(state: T): T {
  return state === undefined ? state : JSON.parse(JSON.stringify(state));
}

/** A frozen value throws at whoever changes it in place. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.values(value).forEach(frozen);
  return Object.freeze(value);
}
