import { execute, type Queryable, query } from '@banyan/postgres';
import { LEASE_MS, SILENT_MS } from '../../instance/lease-time.js';
import type { InstanceState, InstanceStatements } from '../porter-store.js';

/** Of an instance `i`. */
export const INSTANCE_STATE = `case when i.left_at is not null then 'left'
  when i.heartbeat_at > now() - make_interval(secs => ${SILENT_MS / 1000}) then 'alive' else 'silent' end`;

/** Of an intent `t`: it is being sent, by an instance that is silent or gone. */
export const WRITER_SILENT = `(t.state = 'open' and not exists (select 1 from porter.instance i
  where i.name = t.writer and i.incarnation = t.incarnation
    and i.left_at is null and i.heartbeat_at > now() - make_interval(secs => ${SILENT_MS / 1000})))`;

export function instanceStatements(on: Queryable): InstanceStatements {
  return {
    async comeUp(name) {
      const [row] = await query<{ incarnation: number; aliveUntil: string | null }>(
        on,
        `insert into porter.instance as i (name, incarnation) values ($1, 1)
         on conflict (name) do update set incarnation = i.incarnation + 1, started_at = now(), heartbeat_at = now(), left_at = null
         returning incarnation,
           (select case when o.left_at is null then o.heartbeat_at + make_interval(secs => $2) else o.left_at end
            from porter.instance o where o.name = $1) as "aliveUntil"`,
        [name, LEASE_MS / 1000],
      );
      return { incarnation: row?.incarnation ?? 1, aliveUntil: row?.aliveUntil ?? null };
    },

    async heartbeat({ name, incarnation }) {
      const beaten = await execute(
        on,
        'update porter.instance set heartbeat_at = now() where name = $1 and incarnation = $2',
        [name, incarnation],
      );
      return beaten > 0;
    },

    async leaves({ name, incarnation }) {
      await execute(on, 'update porter.instance set left_at = now() where name = $1 and incarnation = $2', [
        name,
        incarnation,
      ]);
    },

    async lockInstance(name) {
      const [found] = await query<{ state: InstanceState; incarnation: number; aliveUntil: string }>(
        on,
        `select ${INSTANCE_STATE} as state, incarnation, heartbeat_at + make_interval(secs => $2) as "aliveUntil"
         from porter.instance i where name = $1 for update`,
        [name, LEASE_MS / 1000],
      );
      return found;
    },

    async bury({ name, incarnation }) {
      await execute(on, 'update porter.instance set incarnation = $2, left_at = now() where name = $1', [
        name,
        incarnation,
      ]);
    },
  };
}
