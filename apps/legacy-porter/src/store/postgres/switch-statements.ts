import { execute, type Queryable, query } from '@banyan/postgres';
import type { SwitchStatements } from '../porter-store.js';

const SWITCH_LOCK = 7_263_002;

export function switchStatements(on: Queryable): SwitchStatements {
  return {
    async lockSwitch(consumer, how) {
      const lock = how === 'shared' ? 'pg_advisory_xact_lock_shared' : 'pg_advisory_xact_lock';
      await query(on, `select ${lock}($1, hashtext($2))`, [SWITCH_LOCK, consumer]);
    },

    async saveSwitch({ consumer, mode, version }) {
      const saved = await execute(
        on,
        `insert into porter.switch as s (consumer, mode, control_version) values ($1, $2, $3)
         on conflict (consumer) do update set mode = excluded.mode, control_version = excluded.control_version, since = now()
         where s.control_version < excluded.control_version`,
        [consumer, mode, version],
      );
      return saved > 0;
    },

    async isOff(consumer) {
      const off = await query(on, `select 1 from porter.switch where consumer = $1 and mode = 'off'`, [consumer]);
      return off.length > 0;
    },
  };
}
