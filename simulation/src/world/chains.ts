import { hash } from 'node:crypto';
import type { PorterStatements, PorterStore } from '@banyan/legacy-porter/testing';
import { classify } from '@banyan/postgres';
import type { MemorySession, MemoryTx, Rows } from '@banyan/postgres/testing';
import type { Change } from '@banyan/sink';

/** Of the effects of a key that a sink has carried out. */
export const EFFECTS = 'chain of effects';
/** Of the sends of a key that the porter has closed. */
export const SENDS = 'chain of sends';

export interface Chain {
  readonly key: string;
  /** Each event is added to the hash of those before it: it tells which they were, and in which order. */
  readonly hash: string;
}

export function linked(before: string | undefined, eventId: string): string {
  return hash('sha256', `${before ?? ''} ${eventId}`).slice(0, 16);
}

export function addEffects(rows: Rows, changes: readonly Change[]): void {
  for (const { outcome, key, eventId } of changes) if (outcome === 'effective') add(rows, EFFECTS, key, eventId);
}

/** The porter's store, which notes each send that is closed in the transaction that closes it. */
export function withSends(store: PorterStore<MemoryTx>, session: MemorySession): PorterStore<MemoryTx> {
  const noting = (tx: PorterStatements, handle: MemoryTx): PorterStatements => ({
    ...tx,
    finishWork: async (work) => {
      const finished = await tx.finishWork(work);
      await handle.run('chain of sends', (rows) => {
        for (const { claim, key, eventId } of work) if (finished.has(claim)) add(rows, SENDS, key, eventId);
      });
      return finished;
    },
  });
  return {
    ...store,
    transaction: (work) =>
      session
        .transaction((handle) => work(noting(store.within(handle), handle)))
        .catch((error: unknown) => {
          throw classify(error);
        }),
  };
}

function add(rows: Rows, table: string, key: string, eventId: string): void {
  rows.put(table, key, { key, hash: linked(rows.get<Chain>(table, key)?.hash, eventId) });
}
