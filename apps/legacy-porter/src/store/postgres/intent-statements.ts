import { execute, type Queryable, query } from '@banyan/postgres';
import type { IntentStatements, OpenedSend, OtherCreate, SendRead, SendToRead } from '../porter-store.js';
import type { Holder, Intent, WorkId } from '../work.js';
import { claimArrays, idArrays } from './work-arrays.js';

export function intentStatements(on: Queryable): IntentStatements {
  return {
    openIntents: (holder, sends) => openIntents(on, holder, sends),
    readSends: (sends) => readSends(on, sends),

    otherCreates: ({ consumer, key }) =>
      query<OtherCreate>(
        on,
        `select key::text as key, high_water_mark as "highWaterMark", legacy_row as row from porter.intent
         where consumer = $1 and operation = 'create' and key <> $2::uuid
           and (state = 'open' or (state = 'unclear' and key < $2::uuid))`,
        [consumer, key],
      ),

    async closeIntents(closed) {
      if (closed.length === 0) return;
      await execute(
        on,
        `update porter.intent i set state = 'closed', closed_at = now(), outcome = c.outcome,
           legacy_id = coalesce(c.legacy_id, i.legacy_id)
         from unnest($1::text[], $2::uuid[], $3::bigint[], $4::text[], $5::text[]) as c(consumer, key, version, outcome, legacy_id)
         where i.consumer = c.consumer and i.key = c.key and i.version = c.version`,
        [
          ...idArrays(closed.map(({ work }) => work)),
          closed.map(({ outcome }) => outcome),
          closed.map(({ legacyId }) => legacyId ?? null),
        ],
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

async function openIntents(on: Queryable, holder: Holder, sends: readonly OpenedSend[]): Promise<ReadonlySet<string>> {
  if (sends.length === 0) return new Set();
  const opened = await query<{ claim: string }>(
    on,
    `with held as (
       select w.consumer, w.key, w.version, w.event_id, w.operation, w.claim, c.high_water_mark, c.legacy_id, c.legacy_row
       from unnest($1::text[], $2::uuid[], $3::bigint[], $4::uuid[], $7::text[], $8::text[], $9::jsonb[])
         as c(consumer, key, version, claim, high_water_mark, legacy_id, legacy_row)
       join porter.work w on w.consumer = c.consumer and w.key = c.key and w.version = c.version and w.claim = c.claim
       for update of w),
     opened as (
       insert into porter.intent as i (consumer, key, version, event_id, operation, attempt, writer, incarnation, state,
         high_water_mark, legacy_id, legacy_row, sent_at)
       select consumer, key, version, event_id, operation, 1, $5, $6, 'open', high_water_mark, legacy_id, legacy_row, clock_timestamp()
       from held
       on conflict (consumer, key, version) do update set attempt = i.attempt + 1, writer = excluded.writer,
         incarnation = excluded.incarnation, state = 'open', high_water_mark = excluded.high_water_mark,
         legacy_id = excluded.legacy_id, legacy_row = excluded.legacy_row, sent_at = excluded.sent_at)
     select claim from held`,
    [
      ...claimArrays(sends.map(({ work }) => work)),
      holder.name,
      holder.incarnation,
      sends.map(({ sent }) => sent.highWaterMark),
      sends.map(({ sent }) => sent.legacyId ?? null),
      sends.map(({ sent }) => (sent.row === null ? null : JSON.stringify(sent.row))),
    ],
  );
  return new Set(opened.map(({ claim }) => claim));
}

async function readSends(on: Queryable, sends: readonly SendToRead[]): Promise<readonly SendRead[]> {
  if (sends.length === 0) return [];
  const rows = await query<SendRow>(
    on,
    `select
       (select l.legacy_id from porter.link l where l.entity = s.entity and l.port = s.port and l.key = s.key
        order by l.seq desc limit 1) as legacy_id,
       (select jsonb_build_object('version', p.version, 'hash', p.hash, 'etag', p.etag)
        from porter.ported p where p.consumer = s.consumer and p.key = s.key) as ported,
       (select jsonb_build_object('attempt', i.attempt, 'mayHaveArrived', i.may_have_arrived, 'highWaterMark', i.high_water_mark,
          'row', i.legacy_row, 'settledInMs',
          greatest(0, ceil(extract(epoch from i.settle_from - clock_timestamp()) * 1000 + s.settle_after_ms)))
        from porter.intent i
        where i.consumer = s.consumer and i.key = s.key and i.version = s.version and i.state <> 'closed') as intent
     from unnest($1::text[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::numeric[])
       with ordinality as s(consumer, key, version, entity, port, settle_after_ms, place)
     order by s.place`,
    [
      ...idArrays(sends.map(({ work }) => work)),
      sends.map(({ entity }) => entity),
      sends.map(({ port }) => port),
      sends.map(({ settleAfterMs }) => settleAfterMs),
    ],
  );
  return rows.map(({ legacy_id, ported, intent }) => ({
    legacyId: legacy_id ?? undefined,
    ported: ported === null ? undefined : { ...ported, etag: ported.etag ?? undefined },
    intent: intent === null ? undefined : toIntent(intent),
  }));
}

type SendRow = {
  legacy_id: string | null;
  ported: { version: number; hash: string | null; etag: string | null } | null;
  intent: (Omit<Intent, 'settled' | 'settledInMs'> & { settledInMs: number | null }) | null;
};

function toIntent(row: NonNullable<SendRow['intent']>): Intent {
  const settledInMs = row.settledInMs ?? 0;
  return { ...row, settledInMs, settled: settledInMs === 0 };
}

function idOf({ consumer, key, version }: WorkId): [string, string, number] {
  return [consumer, key, version];
}
