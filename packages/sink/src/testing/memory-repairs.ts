import type { StoredState, UnlikeKey } from '@banyan/postgres';
import type { MemorySession, MemoryTx, Rows } from '@banyan/postgres/testing';
import type { RepairReads, RepairTx, ResyncProgress, ResyncScope, UnlikeMark } from '../repair-store.js';
import { discardParked } from './memory-parked.js';
import { STATES, type StateInMemory, stateKey, stateLock } from './memory-tables.js';

export const UNLIKE = 'unlike';
const RESYNC = 'resync';
const RESYNCED = 'resynced';

interface Place {
  readonly consumer: string;
  readonly nowMs: () => number;
}

interface UnlikeInMemory extends UnlikeMark {
  readonly consumer: string;
  readonly sinceMs: number;
}

/** What writing a mark locks. */
export const unlikeLock = (consumer: string, key: string): string => `${UNLIKE} ${idOf(consumer, key)}`;

const idOf = (consumer: string, key: string): string => `${consumer}/${key}`;

export function memoryRepairReads(session: Pick<MemorySession, 'run'>, consumer: string): RepairReads {
  return {
    unlike: (of) =>
      session.run('unlike', (rows) => unlikeOf(rows, consumer).filter(({ key }) => of === undefined || key === of)),
    resyncProgress: () => session.run('resyncProgress', (rows) => rows.get<ResyncProgress>(RESYNC, consumer)),
  };
}

export function memoryRepairTx(tx: MemoryTx, { consumer, nowMs }: Place): RepairTx {
  return {
    discardParked: (id, word) => discardParked(tx, { consumer, nowMs: nowMs() }, id, word),
    markUnlike: async (mark) => {
      await tx.lock(unlikeLock(consumer, mark.key));
      await tx.run('markUnlike', (rows) => markUnlikeIn(rows, consumer, mark, nowMs()));
    },
    closeUnlike: async (upTo) => {
      for (const key of upTo.keys()) await tx.lock(unlikeLock(consumer, key));
      await tx.run('closeUnlike', (rows) => closeUnlikeIn(rows, consumer, upTo));
    },
    takeResync: async ({ request, scope }) => {
      await tx.lock(`${RESYNC}/${consumer}`);
      return tx.run('takeResync', (rows) => {
        const found = rows.get<ResyncProgress>(RESYNC, consumer);
        if (found !== undefined && found.request > request) return undefined;
        if (found?.request === request) return found;
        const total = inScope(rows, consumer, scope).length;
        const begun: ResyncProgress = { ...NOT_BEGUN, request, total };
        rows.put(RESYNC, consumer, begun);
        return begun;
      });
    },
    saveResync: (progress) => tx.run('saveResync', (rows) => rows.put(RESYNC, consumer, progress)),
    resyncKeys: async (scope, after, limit) => {
      const page = await tx.run('resyncKeys', (rows) =>
        inScope(rows, consumer, scope).filter(({ key }) => after === undefined || key > after),
      );
      const keys = page.slice(0, limit).map(({ key }) => key);
      for (const key of keys) await tx.lock(stateLock(consumer, key));
      return tx.run('resyncStates', (rows) =>
        keys.map((key) => ({ key, state: free(rows.get<StateInMemory>(STATES, stateKey(consumer, key))?.state) })),
      );
    },
    saveResynced: (keys, transformerVersion) =>
      tx.run('saveResynced', (rows) => {
        for (const key of keys) rows.put(RESYNCED, idOf(consumer, key), { transformerVersion });
      }),
  };
}

const NOT_BEGUN = { after: undefined, done: 0, standing: 0, failed: 0, workedMs: 0, finished: false };

/** A key that stands is none of a resync's. */
function free(state: StoredState | undefined): StoredState | undefined {
  return state?.parked === true || state?.effectsHeld === true ? undefined : state;
}

function inScope(rows: Rows, consumer: string, { key, unlike, olderThan }: ResyncScope): readonly StateInMemory[] {
  const isOlder = (row: StateInMemory, than: number) =>
    row.state.transformerVersion < than &&
    (rows.get<{ transformerVersion: number }>(RESYNCED, idOf(consumer, row.key))?.transformerVersion ?? 0) < than;
  return rows
    .all<StateInMemory>(STATES)
    .map(([, row]) => row)
    .filter((row) => row.consumer === consumer && (key === undefined || row.key === key))
    .filter((row) => unlike !== true || rows.get(UNLIKE, idOf(consumer, row.key)) !== undefined)
    .filter((row) => olderThan === undefined || isOlder(row, olderThan))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

export function unlikeOf(rows: Rows, consumer: string): readonly UnlikeKey[] {
  return rows
    .all<UnlikeInMemory>(UNLIKE)
    .map(([, row]) => row)
    .filter((row) => row.consumer === consumer)
    .sort((a, b) => a.sinceMs - b.sinceMs || (a.key < b.key ? -1 : 1))
    .map(({ sinceMs, ...row }) => ({ ...row, since: new Date(sinceMs).toISOString() }));
}

export function markUnlikeIn(rows: Rows, consumer: string, mark: UnlikeMark, nowMs: number): void {
  const found = rows.get<UnlikeInMemory>(UNLIKE, idOf(consumer, mark.key));
  if (found !== undefined && found.version > mark.version) return;
  rows.put(UNLIKE, idOf(consumer, mark.key), { ...mark, consumer, sinceMs: found?.sinceMs ?? nowMs });
}

export function closeUnlikeIn(rows: Rows, consumer: string, upTo: ReadonlyMap<string, number>): void {
  for (const [key, version] of upTo) {
    const found = rows.get<UnlikeInMemory>(UNLIKE, idOf(consumer, key));
    if (found !== undefined && found.version <= version) rows.delete(UNLIKE, idOf(consumer, key));
  }
}
