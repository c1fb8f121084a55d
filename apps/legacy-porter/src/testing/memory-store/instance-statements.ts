import { LEASE_MS, SILENT_MS } from '../../instance/lease-time.js';
import type { InstanceState, InstanceStatements } from '../../store/porter-store.js';
import type { Holder } from '../../store/work.js';
import type { Place, Tables } from './place.js';
import { type InstanceRow, TABLE } from './rows.js';

export function instanceStatements(place: Place): InstanceStatements {
  const update = (
    what: string,
    isMeant: (row: InstanceRow) => boolean,
    change: (row: InstanceRow, begunMs: number) => Partial<InstanceRow>,
  ): Promise<readonly InstanceRow[]> =>
    place.run(`instance: ${what}`, (tables) =>
      tables.update<InstanceRow>(TABLE.instance, isMeant, (row) => change(row, tables.begunMs)),
    );
  const isIt = (row: InstanceRow, { name, incarnation }: Holder) =>
    row.name === name && row.incarnation === incarnation;
  return {
    comeUp: (name) => place.run('instance: come up', (tables) => comeUp(tables, name)),
    heartbeat: async (holder) => {
      const beaten = await update(
        'heartbeat',
        (row) => isIt(row, holder),
        (_, heartbeatAt) => ({ heartbeatAt }),
      );
      return beaten.length > 0;
    },
    leaves: async (holder) => {
      await update(
        'leaves',
        (row) => isIt(row, holder),
        (_, leftAt) => ({ leftAt }),
      );
    },
    lockInstance: (name) =>
      place.run('instance: lock', (tables) => {
        const [row] = tables.update<InstanceRow>(
          TABLE.instance,
          (one) => one.name === name,
          () => ({}),
        );
        if (row === undefined) return undefined;
        return { state: stateOf(row, tables), incarnation: row.incarnation, aliveUntil: leaseEnd(row) };
      }),
    bury: async ({ name, incarnation }) => {
      await update(
        'bury',
        (row) => row.name === name,
        (_, leftAt) => ({ incarnation, leftAt }),
      );
    },
  };
}

function comeUp(tables: Tables, name: string): { incarnation: number; aliveUntil: string | null } {
  const { begunMs } = tables;
  let came: { incarnation: number; aliveUntil: string | null } = { incarnation: 1, aliveUntil: null };
  tables.upsert<InstanceRow>(TABLE.instance, [name], (_, found) => {
    if (found !== undefined) {
      const aliveUntil = found.leftAt === null ? leaseEnd(found) : new Date(found.leftAt).toISOString();
      came = { incarnation: found.incarnation + 1, aliveUntil };
    }
    return { name, incarnation: came.incarnation, startedAt: begunMs, heartbeatAt: begunMs, leftAt: null };
  });
  return came;
}

function leaseEnd({ heartbeatAt }: InstanceRow): string {
  return new Date(heartbeatAt + LEASE_MS).toISOString();
}

function stateOf({ leftAt, heartbeatAt }: InstanceRow, { begunMs }: Tables): InstanceState {
  if (leftAt !== null) return 'left';
  return heartbeatAt > begunMs - SILENT_MS ? 'alive' : 'silent';
}
