import { closeUnlikeIn, DISCARDED, OFFSETS, type OffsetInMemory, UNLIKE } from '@banyan/sink/testing';
import type { RePortWork, RepairStatements } from '../../store/repairs.js';
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
        if (row === undefined) return;
        tables.delete<WorkRow>(TABLE.work, (one) => isSameWork(one, work));
        tables.delete<IntentRow>(TABLE.intent, (one) => isSameWork(one, work));
        const { consumer, key, version, eventId, errorCode } = row;
        const discarded = { consumer, key, version, eventId, errorCode, by, reason };
        tables.rows.put(DISCARDED, `${tables.rows.nextNumber(DISCARDED)}`, discarded);
      }),

    endStanding: async (work) => {
      await place.run('repair: end standing', (tables) =>
        tables.delete<WorkRow>(TABLE.work, (row) => isSameWork(row, work) && standing(row)),
      );
    },

    standingKeys: (consumer, keys) =>
      place.run('repair: standing keys', (tables) => {
        const its = tables.all<WorkRow>(TABLE.work).filter((row) => row.consumer === consumer && standing(row));
        return [...new Set(its.map(({ key }) => key))].filter((key) => keys.includes(key));
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

    closeUnlike: async (consumer, upTo) => {
      for (const key of upTo.keys()) await place.lock(`${UNLIKE} ${consumer}/${key}`, 'alone');
      await place.run('repair: close unlike', (tables) => closeUnlikeIn(tables.rows, consumer, upTo));
    },
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
