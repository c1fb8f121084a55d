import { hash } from 'node:crypto';
import { type PorterStatements, type PorterStore, TABLE, type WorkRow } from '@banyan/legacy-porter/testing';
import { classify } from '@banyan/postgres';
import type { MemorySession, MemoryTx, Rows } from '@banyan/postgres/testing';
import type { Change } from '@banyan/sink';

/** Of the effects of a key that a sink has carried out. */
export const EFFECTS = 'chain of effects';
/** Of the sends of a key that the porter has closed. */
export const SENDS = 'chain of sends';

/** Ids of events whose send was given up. */
export const GIVEN_UP = 'given up';
/** How often the state that an event left was sent once more, or that was given up. */
export const RE_SENT = 're-sent';

type WorkId = Pick<WorkRow, 'key' | 'version'>;

export interface ReSent {
  readonly eventId: string;
  readonly times: number;
}

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

/** The porter's store, which notes each end of a send in the transaction that ends it. */
export function withSends(store: PorterStore<MemoryTx>, session: MemorySession): PorterStore<MemoryTx> {
  const within = (handle: MemoryTx): PorterStatements => noting(store.within(handle), handle);
  return {
    ...store,
    within,
    transaction: (work) =>
      session
        .transaction((handle) => work(within(handle)))
        .catch((error: unknown) => {
          throw classify(error);
        }),
  };
}

function noting(tx: PorterStatements, handle: MemoryTx): PorterStatements {
  const rowOf = (rows: Rows, work: WorkId) =>
    rows.all<WorkRow>(TABLE.work).find(([, row]) => row.key === work.key && row.version === work.version)?.[1];
  /** What a re-port made is the send of no event. */
  const ended = (rows: Rows, { key, eventId, rePort }: Pick<WorkRow, 'key' | 'eventId' | 'rePort'>, how: string) => {
    const times = rows.get<ReSent>(RE_SENT, eventId)?.times ?? 0;
    if (rePort === 'added') rows.put(RE_SENT, eventId, { eventId, times: times + 1 } satisfies ReSent);
    else if (how === 'given up') rows.put(GIVEN_UP, eventId, { eventId });
    else add(rows, SENDS, key, eventId);
  };
  const endsOne = async (work: WorkId, how: 'settled' | 'given up', end: () => Promise<void>): Promise<void> => {
    const row = await handle.run('chain of sends: read', (rows) => rowOf(rows, work));
    await end();
    if (row !== undefined) await handle.run('chain of sends', (rows) => ended(rows, row, how));
  };
  return {
    ...tx,
    finishWork: async (work) => {
      const finished = await tx.finishWork(work);
      await handle.run('chain of sends', (rows) => {
        for (const one of work) if (finished.has(one.claim)) ended(rows, { ...one, rePort: one.rePort }, 'done');
      });
      return finished;
    },
    endStanding: (work) => endsOne(work, 'settled', () => tx.endStanding(work)),
    discardWork: (work, word) => endsOne(work, 'given up', () => tx.discardWork(work, word)),
  };
}

function add(rows: Rows, table: string, key: string, eventId: string): void {
  rows.put(table, key, { key, hash: linked(rows.get<Chain>(table, key)?.hash, eventId) });
}
