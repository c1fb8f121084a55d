import { execute, type Queryable, query } from '@banyan/postgres';
import type { IntentStatements, OtherCreate, SendRead, SentRow } from '../porter-store.js';
import type { Holder, Intent, Work, WorkId } from '../work.js';

export function intentStatements(on: Queryable): IntentStatements {
  return {
    openIntent: (work, holder, sent) => openIntent(on, work, holder, sent),
    readSend: (work, of) => readSend(on, work, of),

    otherCreates: ({ consumer, key }) =>
      query<OtherCreate>(
        on,
        `select key::text as key, high_water_mark as "highWaterMark", legacy_row as row from porter.intent
         where consumer = $1 and operation = 'create' and key <> $2::uuid
           and (state = 'open' or (state = 'unclear' and key < $2::uuid))`,
        [consumer, key],
      ),

    async closeIntent(work, outcome, legacyId) {
      await execute(
        on,
        `update porter.intent set state = 'closed', closed_at = now(), outcome = $4, legacy_id = coalesce($5, legacy_id)
         where consumer = $1 and key = $2 and version = $3`,
        [...idOf(work), outcome, legacyId ?? null],
      );
    },

    async dropIntent(work, which) {
      await execute(
        on,
        `delete from porter.intent where consumer = $1 and key = $2 and version = $3
         ${which === 'unarrived' ? 'and not may_have_arrived' : ''}`,
        idOf(work),
      );
    },

    async openToUnclear(work) {
      await execute(
        on,
        `update porter.intent set state = 'unclear' where consumer = $1 and key = $2 and version = $3 and state = 'open'`,
        idOf(work),
      );
    },

    async intentArrived(work) {
      await execute(
        on,
        `update porter.intent set state = 'unclear', may_have_arrived = true, settle_from = clock_timestamp()
         where consumer = $1 and key = $2 and version = $3`,
        idOf(work),
      );
    },

    intentsArrived: ({ name, incarnation }, which, aliveUntil) =>
      execute(
        on,
        `update porter.intent set state = 'unclear', may_have_arrived = true,
           settle_from = greatest(clock_timestamp(), $3::timestamptz)
         where state = 'open' and writer = $1 and incarnation ${which === 'this' ? '=' : '<'} $2`,
        [name, incarnation, aliveUntil],
      ),

    async forgetClosedIntents(olderThanDays) {
      await execute(
        on,
        `delete from porter.intent where state = 'closed' and closed_at < now() - make_interval(days => $1)`,
        [olderThanDays],
      );
    },
  };
}

async function openIntent(on: Queryable, work: Work, holder: Holder, sent: SentRow): Promise<void> {
  await execute(
    on,
    `insert into porter.intent as i (consumer, key, version, event_id, operation, attempt, writer, incarnation, state,
       high_water_mark, legacy_id, legacy_row, sent_at)
     values ($1, $2, $3, $4, $5, 1, $6, $7, 'open', $8, $9, $10, clock_timestamp())
     on conflict (consumer, key, version) do update set attempt = i.attempt + 1, writer = excluded.writer,
       incarnation = excluded.incarnation, state = 'open', high_water_mark = excluded.high_water_mark,
       legacy_id = excluded.legacy_id, legacy_row = excluded.legacy_row, sent_at = excluded.sent_at`,
    [
      ...idOf(work),
      work.eventId,
      work.operation,
      holder.name,
      holder.incarnation,
      sent.highWaterMark,
      sent.legacyId ?? null,
      sent.row === null ? null : JSON.stringify(sent.row),
    ],
  );
}

async function readSend(
  on: Queryable,
  work: WorkId,
  of: { readonly entity: string; readonly port: string; readonly settleAfterMs: number },
): Promise<SendRead> {
  const [row] = await query<SendRow>(
    on,
    `select
       (select legacy_id from porter.link where entity = $4 and port = $5 and key = $2 order by seq desc limit 1) as legacy_id,
       (select jsonb_build_object('version', version, 'hash', hash) from porter.ported where consumer = $1 and key = $2) as ported,
       (select jsonb_build_object('attempt', attempt, 'mayHaveArrived', may_have_arrived, 'highWaterMark', high_water_mark,
          'row', legacy_row, 'settledInMs',
          greatest(0, ceil(extract(epoch from settle_from - clock_timestamp()) * 1000 + $6)))
        from porter.intent where consumer = $1 and key = $2 and version = $3 and state <> 'closed') as intent`,
    [...idOf(work), of.entity, of.port, of.settleAfterMs],
  );
  return {
    legacyId: row?.legacy_id ?? undefined,
    ported: row?.ported ?? undefined,
    intent: row?.intent === null || row?.intent === undefined ? undefined : toIntent(row.intent),
  };
}

type SendRow = {
  legacy_id: string | null;
  ported: { version: number; hash: string | null } | null;
  intent: (Omit<Intent, 'settled' | 'settledInMs'> & { settledInMs: number | null }) | null;
};

function toIntent(row: NonNullable<SendRow['intent']>): Intent {
  const settledInMs = row.settledInMs ?? 0;
  return { ...row, settledInMs, settled: settledInMs === 0 };
}

function idOf({ consumer, key, version }: WorkId): [string, string, number] {
  return [consumer, key, version];
}
