import { execute, type Queryable, query } from '@banyan/postgres';
import type { RebuildStatements } from '../porter-store.js';

export function rebuildStatements(on: Queryable): RebuildStatements {
  return {
    receiptsRead: (consumers) => offsets(on, 'receipts_read', 'next_offset', consumers),
    saveReceiptsRead: (consumer, next) => saveOffsets(on, 'receipts_read', 'next_offset', consumer, next),

    async mixed(consumers) {
      const rows = await query<{ consumer: string }>(
        on,
        `select c.consumer from unnest($1::text[]) as c(consumer)
         where not exists (select 1 from porter.sink_offset o where o.consumer = c.consumer and o.next_offset > 0)
           and (exists (select 1 from porter.work w where w.consumer = c.consumer)
             or exists (select 1 from porter.intent t where t.consumer = c.consumer)
             or exists (select 1 from porter.ported p where p.consumer = c.consumer)
             or exists (select 1 from porter.link l where l.entity || '.' || l.port = c.consumer))`,
        [consumers],
      );
      return rows.map(({ consumer }) => consumer);
    },

    async markRestored(consumer, keys) {
      await execute(
        on,
        `update porter.ported p set restored = greatest(p.restored, r.version)
         from unnest($2::uuid[], $3::bigint[]) as r(key, version) where p.consumer = $1 and p.key = r.key`,
        [consumer, keys.map(({ key }) => key), keys.map(({ version }) => version)],
      );
    },

    async restoredVersions(consumer, keys) {
      const rows = await query<{ key: string; restored: number }>(
        on,
        `select key::text as key, restored from porter.ported
         where consumer = $1 and key = any($2::uuid[]) and restored is not null`,
        [consumer, keys],
      );
      return new Map(rows.map(({ key, restored }) => [key, restored]));
    },

    async dropRestored(consumer, upTo) {
      await execute(
        on,
        `with done as (
           delete from porter.work w using unnest($2::uuid[], $3::bigint[]) as r(key, version)
           where w.consumer = $1 and w.key = r.key and w.version <= r.version returning w.key, w.version)
         delete from porter.intent t using done d where t.consumer = $1 and t.key = d.key and t.version = d.version`,
        [consumer, upTo.map(({ key }) => key), upTo.map(({ version }) => version)],
      );
    },

    doubtSends: (consumer, writer, keys) =>
      execute(
        on,
        `insert into porter.intent (consumer, key, version, event_id, operation, attempt, writer, incarnation, state, may_have_arrived,
           settle_from)
         select w.consumer, w.key, w.version, w.event_id, w.operation, 0, $2, 0, 'unclear', true, clock_timestamp() from porter.work w
         where w.consumer = $1 and ($3::uuid[] is null or w.key = any($3::uuid[]))
         on conflict do nothing`,
        [consumer, writer, keys ?? null],
      ),

    saveLostPast: (consumer, until) => saveOffsets(on, 'lost_past', 'until_offset', consumer, until),
    lostPasts: (consumers) => offsets(on, 'lost_past', 'until_offset', consumers),

    async isBehindLostPast(consumer) {
      const rows = await query(
        on,
        `select 1 from porter.lost_past l left join porter.sink_offset o using (consumer, partition)
         where consumer = $1 and coalesce(o.next_offset, 0) < l.until_offset limit 1`,
        [consumer],
      );
      return rows.length > 0;
    },
  };
}

async function offsets(
  on: Queryable,
  table: string,
  column: string,
  consumers: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<number, bigint>>> {
  const rows = await query<{ consumer: string; partition: number; at: number }>(
    on,
    `select consumer, partition, ${column} as at from porter.${table} where consumer = any($1::text[])`,
    [consumers],
  );
  return new Map(
    [...Map.groupBy(rows, ({ consumer }) => consumer)].map(([consumer, its]) => [
      consumer,
      new Map(its.map(({ partition, at }) => [partition, BigInt(at)])),
    ]),
  );
}

async function saveOffsets(
  on: Queryable,
  table: string,
  column: string,
  consumer: string,
  at: ReadonlyMap<number, bigint>,
): Promise<void> {
  const sorted = [...at].sort(([a], [b]) => a - b);
  await execute(
    on,
    `insert into porter.${table} as t (consumer, partition, ${column})
     select $1, partition, at from unnest($2::int[], $3::bigint[]) as r(partition, at)
     on conflict (consumer, partition) do update set ${column} = excluded.${column} where t.${column} < excluded.${column}`,
    [consumer, sorted.map(([partition]) => partition), sorted.map(([, offset]) => offset)],
  );
}
