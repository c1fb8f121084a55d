import type { ClosedEntry } from '@banyan/postgres';
import type { Word } from '@banyan/sink';
import {
  closedOf,
  closeUnlikeIn,
  keepClosed,
  markUnlikeIn,
  OFFSETS,
  type OffsetInMemory,
  unlikeLock,
} from '@banyan/sink/testing';
import type { RePortWork, RepairStatements } from '../../store/repairs.js';
import type { WorkId } from '../../store/work.js';
import type { Place, Tables } from './place.js';
import { type IntentRow, isSameWork, TABLE, type WorkRow, workRowId } from './rows.js';
import { newRow } from './work-statements.js';

export function repairStatements(place: Place): RepairStatements {
  const standing = ({ state }: WorkRow): boolean => state === 'parked' || state === 'in-doubt';
  return {
    lockFirst: (consumer, key) =>
      place.run('repair: lock first', (tables) => {
        const [first] = tables
          .all<WorkRow>(TABLE.work)
          .filter((row) => row.consumer === consumer && row.key === key)
          .sort((a, b) => a.version - b.version);
        if (first === undefined) return undefined;
        const [held] = tables.update<WorkRow>(
          TABLE.work,
          (row) => isSameWork(row, first),
          () => ({}),
        );
        if (held === undefined) return undefined;
        const { version, state, eventId, operation, stateHash, trace, rePort } = held;
        return { consumer, key, version, state, eventId, operation, stateHash, trace, rePort };
      }),

    discardWork: (work, { by, reason }) =>
      place.run('repair: discard work', (tables) => {
        const row = tables.get<WorkRow>(TABLE.work, workRowId(work));
        tables.delete<WorkRow>(TABLE.work, (one) => isSameWork(one, work));
        tables.delete<IntentRow>(TABLE.intent, (one) => isSameWork(one, work));
        keepClosed(tables.rows, closedSend(work, row, { by, reason }, tables.begunMs));
      }),

    discarded: (consumer, keys) =>
      place.run('repair: discarded', (tables) =>
        closedOf(tables.rows, consumer)
          .filter(({ kind, key }) => kind !== 'state' && keys.includes(key))
          .map(({ key, version }) => ({ key, version: version ?? 0 })),
      ),

    endStanding: async (work) => {
      await place.run('repair: end standing', (tables) =>
        tables.delete<WorkRow>(TABLE.work, (row) => isSameWork(row, work) && standing(row)),
      );
    },

    leftToSend: (consumer, keys) =>
      place.run('repair: left to send', (tables) => {
        const its = tables
          .all<WorkRow>(TABLE.work)
          .filter((row) => row.consumer === consumer && keys.includes(row.key));
        const byKey = Map.groupBy(its, ({ key }) => key);
        return new Map([...byKey].map(([key, rows]) => [key, rows.some(standing) ? 'standing' : 'due']));
      }),

    addRePorts: async (work) => {
      if (work.length > 0) await place.run('repair: add re-ports', (tables) => addRePorts(tables, work));
    },

    rePortsUnderWay: (consumer) =>
      place.run(
        'repair: re-ports under way',
        (tables) =>
          tables
            .all<WorkRow>(TABLE.work)
            .filter((row) => row.consumer === consumer && row.rePort !== undefined && !standing(row)).length,
      ),

    handbackOf: (consumer) =>
      place.run('repair: handback', (tables) =>
        tables
          .all<OffsetInMemory>(OFFSETS)
          .filter((row) => row.consumer === consumer)
          .reduce((last, { authority }) => Math.max(last, authority.handback), 0),
      ),

    markUnlike: async (consumer, mark) => {
      await place.lock(unlikeLock(consumer, mark.key), 'alone');
      await place.run('repair: mark unlike', (tables) => markUnlikeIn(tables.rows, consumer, mark, tables.nowMs));
    },

    closeUnlike: async (consumer, upTo) => {
      for (const key of upTo.keys()) await place.lock(unlikeLock(consumer, key), 'alone');
      await place.run('repair: close unlike', (tables) => closeUnlikeIn(tables.rows, consumer, upTo));
    },
  };
}

/** As it is kept; its event lies in the log. */
function closedSend(
  { consumer, key, version, eventId }: WorkId & Pick<WorkRow, 'eventId'>,
  row: WorkRow | undefined,
  { by, reason }: Word,
  nowMs: number,
): ClosedEntry {
  return {
    ...{ consumer, key, kind: 'send', version, eventId, eventType: row?.eventType ?? null },
    ...{ errorCode: row?.errorCode ?? null, errorMessage: row?.errorMessage ?? null },
    ...{ partition: null, offset: null, headers: null, value: null },
    since: new Date(row?.since ?? nowMs).toISOString(),
    closedAt: new Date(nowMs).toISOString(),
    closedBy: by,
    why: reason,
  };
}

function addRePorts(tables: Tables, work: readonly RePortWork[]): void {
  const byId = new Map(work.map((one) => [workRowId(one), one]));
  tables.delete<IntentRow>(TABLE.intent, (row) => row.state === 'closed' && work.some((one) => isSameWork(row, one)));
  tables.upsert<WorkRow>(TABLE.work, [...byId.keys()], (id, found) => {
    const one = byId.get(id);
    if (one === undefined) return undefined;
    if (found !== undefined) return { ...found, rePort: found.rePort ?? 'joined' };
    return { ...newRow(tables, one), rePort: 'added' };
  });
}
