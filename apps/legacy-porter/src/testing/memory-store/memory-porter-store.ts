import type { Clock, NewId } from '@banyan/core';
import type { MemorySession, MemoryTx } from '@banyan/postgres/testing';
import type { PorterStatements, PorterStore } from '../../store/porter-store.js';
import { instanceStatements } from './instance-statements.js';
import { intentStatements } from './intent-statements.js';
import { linkStatements } from './link-statements.js';
import { type Place, placeAlone, placeIn, whole } from './place.js';
import { portedStatements } from './ported-statements.js';
import { rebuildStatements } from './rebuild-statements.js';
import { receiptStatements } from './receipt-statements.js';
import { repairStatements } from './repair-statements.js';
import { switchStatements } from './switch-statements.js';
import { workStatements } from './work-statements.js';

export interface MemoryPorterStoreOptions {
  /** One process's pool; its steps are one per SQL statement of the real store. */
  readonly session: MemorySession;
  /** The store's clock, which all sessions share. */
  readonly clock: Pick<Clock, 'now'>;
  /** Of receipts. */
  readonly newId: NewId;
}

/**
 * The twin of `createPostgresPorterStore`: the same statements, by the same contract. What it cannot show is what goes on within one statement; that
 * is PostgreSQL's.
 */
export function createMemoryPorterStore({ session, clock, newId }: MemoryPorterStoreOptions): PorterStore<MemoryTx> {
  const nowMs = (): number => clock.now();
  const statements = (place: Place): PorterStatements => ({
    ...workStatements(place),
    ...intentStatements(place),
    ...linkStatements(place),
    ...portedStatements(place),
    ...receiptStatements(place, newId),
    ...switchStatements(place),
    ...rebuildStatements(place),
    ...instanceStatements(place),
    ...repairStatements(place),
  });
  return {
    alone: statements(placeAlone(session, nowMs)),
    transaction: (work) => whole(session, (tx) => work(statements(placeIn(tx, nowMs)))),
    within: (tx) => statements(placeIn(tx, nowMs)),
  };
}
