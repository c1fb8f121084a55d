import { closeUnlike, execute, markUnlike, type Queryable, query } from '@banyan/postgres';
import { PORTER_SCHEMA } from '../porter-migrations.js';
import type { DiscardedSend, FirstSend, RePortWork, RepairStatements } from '../repairs.js';
import type { OfRePort } from '../work.js';
import { workArrays } from './work-arrays.js';

export function repairStatements(on: Queryable): RepairStatements {
  return {
    async lockFirst(consumer, key) {
      const [row] = await query<Omit<FirstSend, 'rePort'> & { rePort: OfRePort | null }>(
        on,
        `select consumer, key::text as key, version, state, event_id as "eventId", operation, state_hash as "stateHash", trace,
           re_port as "rePort"
         from porter.work where consumer = $1 and key = $2 order by version limit 1 for update`,
        [consumer, key],
      );
      return row === undefined ? undefined : { ...row, rePort: row.rePort ?? undefined };
    },

    async discardWork({ consumer, key, version, eventId }, { by, reason }) {
      await execute(
        on,
        `with gone as (
           delete from porter.work where consumer = $1 and key = $2 and version = $3
           returning event_type, error_code, error_message, since),
         dropped as (delete from porter.intent where consumer = $1 and key = $2 and version = $3)
         insert into porter.closed (consumer, key, kind, version, event_id, event_type, error_code, error_message, parked_at, closed_by, why)
         select $1, $2, 'send', $3, $6, event_type, error_code, error_message, coalesce(since, now()), $4, $5
         from (select 1) as always left join gone on true`,
        [consumer, key, version, by, reason, eventId],
      );
    },

    discarded: (consumer, keys) =>
      query<DiscardedSend & Record<string, unknown>>(
        on,
        `select distinct key::text as key, version from porter.closed
         where consumer = $1 and key = any($2::uuid[]) and kind in ('send', 'effect')`,
        [consumer, keys],
      ),

    async endStanding({ consumer, key, version }) {
      await execute(
        on,
        `delete from porter.work where consumer = $1 and key = $2 and version = $3 and state in ('parked', 'in-doubt')`,
        [consumer, key, version],
      );
    },

    async leftToSend(consumer, keys) {
      const rows = await query<{ key: string; stands: boolean }>(
        on,
        `select key::text as key, bool_or(state in ('parked', 'in-doubt')) as stands from porter.work
         where consumer = $1 and key = any($2::uuid[]) group by key`,
        [consumer, keys],
      );
      return new Map(rows.map(({ key, stands }) => [key, stands ? 'standing' : 'due']));
    },

    addRePorts: (work) => addRePorts(on, work),

    async rePortsUnderWay(consumer) {
      const [row] = await query<{ sends: number }>(
        on,
        `select count(*) as sends from porter.work where consumer = $1 and re_port is not null and state in ('ready', 'waiting')`,
        [consumer],
      );
      return row?.sends ?? 0;
    },

    async handbackOf(consumer) {
      const [row] = await query<{ handback: number | null }>(
        on,
        'select max(handback) as handback from porter.sink_offset where consumer = $1',
        [consumer],
      );
      return row?.handback ?? 0;
    },

    markUnlike: (consumer, mark) => markUnlike(on, { schema: PORTER_SCHEMA, consumer }, mark),
    closeUnlike: (consumer, upTo) => closeUnlike(on, { schema: PORTER_SCHEMA, consumer }, upTo),
  };
}

async function addRePorts(on: Queryable, work: readonly RePortWork[]): Promise<void> {
  if (work.length === 0) return;
  await execute(
    on,
    `with wanted as (
       select * from unnest($1::text[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::jsonb[], $7::text[], $8::jsonb[], $9::text[])
         as w(consumer, key, version, event_id, event_type, trace, operation, document, state_hash)),
     others as (
       delete from porter.intent i using wanted w
       where i.consumer = w.consumer and i.key = w.key and i.version = w.version and i.state = 'closed')
     insert into porter.work as due (consumer, key, version, event_id, event_type, trace, operation, document, state_hash, re_port)
     select consumer, key, version, event_id, event_type, trace, operation, document, state_hash, 'added' from wanted order by key
     on conflict (consumer, key, version) do update set re_port = coalesce(due.re_port, 'joined')`,
    workArrays(work),
  );
}
