import { BanyanError } from '@banyan/core';
import { isAbove } from '@banyan/legacy';
import { type Pool, query, transaction } from '@banyan/postgres';
import type { LegacyRow } from '@banyan/transformer';
import type { Journal } from '../sending/attempt.js';
import { referencesOf } from '../sending/format-work.js';
import { type Known, referenceKey, type SendingPort } from '../sending/sending-port.js';
import type { Reference } from '../sending/verdict.js';
import { findLinks } from './links.js';
import type { Holder, Intent, Work, WorkId } from './work.js';

export function createJournal(pool: Pool, holder: Holder): Journal {
  return {
    load: (work, port) => load(pool, work, port),

    open: (work, sent) =>
      transaction(pool, async (tx) => {
        const held = await tx.query(
          'select 1 from porter.work where consumer = $1 and key = $2 and version = $3 and claim = $4 for update',
          [work.consumer, work.key, work.version, work.claim],
        );
        if (held.rowCount === 0) throw claimLost(work);
        await tx.query(
          `insert into porter.intent as i (consumer, key, version, event_id, operation, attempt, writer, incarnation, state,
             high_water_mark, legacy_id, legacy_row, sent_at)
           values ($1, $2, $3, $4, $5, 1, $6, $7, 'open', $8, $9, $10, clock_timestamp())
           on conflict (consumer, key, version) do update set attempt = i.attempt + 1, writer = excluded.writer,
             incarnation = excluded.incarnation, state = 'open', high_water_mark = excluded.high_water_mark,
             legacy_id = excluded.legacy_id, legacy_row = excluded.legacy_row, sent_at = excluded.sent_at`,
          [
            work.consumer,
            work.key,
            work.version,
            work.eventId,
            work.operation,
            holder.name,
            holder.incarnation,
            sent.highWaterMark,
            sent.legacyId ?? null,
            sent.row === null ? null : JSON.stringify(sent.row),
          ],
        );
      }),

    async claimants(work, port, rows) {
      const { name } = port.entity;
      const legacyIds = rows.map(({ legacyId }) => legacyId);
      const links = await findLinks(pool, { entity: name, port: port.definition.name, legacyIds });
      const others = await query<{ key: string; high_water_mark: string | null; legacy_row: LegacyRow | null }>(
        pool,
        // Of two unclear sends that could both be meant, the first by key takes the row; the other one finds it linked then.
        `select key::text as key, high_water_mark, legacy_row from porter.intent
         where consumer = $1 and operation = 'create' and key <> $2::uuid
           and (state = 'open' or (state = 'unclear' and key < $2::uuid))`,
        [work.consumer, work.key],
      );
      const { create } = port.sender.target;
      const mayBeOf = (row: LegacyRow, legacyId: string) =>
        others.some(
          ({ key, high_water_mark, legacy_row }) =>
            create.deliveryClass === 'probe' &&
            legacy_row !== null &&
            create.isOurs(row, legacy_row, { id: key, isAbove: isAbove(legacyId, high_water_mark) }),
        );
      return {
        linked: new Set(links.filter(({ key }) => key !== work.key).map(({ legacyId }) => legacyId)),
        contested: new Set(rows.filter(({ row, legacyId }) => mayBeOf(row, legacyId)).map(({ legacyId }) => legacyId)),
      };
    },
  };
}

/** Another claim has taken the work over, mostly of another instance; its result is the other one's to find. */
export function claimLost({ consumer, key, version }: WorkId): BanyanError {
  return new BanyanError(
    'PORTER_CLAIM_LOST',
    `${consumer} ${key}, version ${version}: another claim has taken this send over; this one drops it.`,
    { data: { consumer, key, version } },
  );
}

async function load(pool: Pool, work: Work, port: SendingPort): Promise<Known> {
  const references = referencesOf(port, work);
  const rows = await query<KnownRow>(
    pool,
    `select
       (select legacy_id from porter.link where entity = $4 and port = $5 and key = $2 order by seq desc limit 1) as legacy_id,
       (select jsonb_build_object('version', version, 'hash', hash) from porter.ported where consumer = $1 and key = $2) as ported,
       (select jsonb_build_object('attempt', attempt, 'mayHaveArrived', may_have_arrived, 'highWaterMark', high_water_mark,
          'row', legacy_row, 'settledInMs',
          greatest(0, ceil(extract(epoch from settle_from - clock_timestamp()) * 1000 + $6)))
        from porter.intent where consumer = $1 and key = $2 and version = $3 and state <> 'closed') as intent`,
    [work.consumer, work.key, work.version, port.entity.name, port.definition.name, port.sender.target.settleAfterMs],
  );
  const row = rows[0];
  const { links, never } = await resolve(pool, port, references);
  return {
    legacyId: row?.legacy_id ?? undefined,
    ported: row?.ported ?? undefined,
    intent: row?.intent === null || row?.intent === undefined ? undefined : toIntent(row.intent),
    links,
    never,
  };
}

type KnownRow = {
  legacy_id: string | null;
  ported: { version: number; hash: string | null } | null;
  intent: (Omit<Intent, 'settled' | 'settledInMs'> & { settledInMs: number | null }) | null;
};

function toIntent(row: NonNullable<KnownRow['intent']>): Intent {
  const settledInMs = row.settledInMs ?? 0;
  return { ...row, settledInMs, settled: settledInMs === 0 };
}

/** Links of the references, and which of those without one can never get one: deleted, and nothing of them is left to send. */
async function resolve(
  pool: Pool,
  port: SendingPort,
  references: readonly Reference[],
): Promise<Pick<Known, 'links' | 'never'>> {
  const links = new Map<string, string>();
  const never: Reference[] = [];
  for (const [entity, ofEntity] of Map.groupBy(references, (reference) => reference.entity)) {
    const name = port.portOf(entity);
    const keys = [...new Set(ofEntity.map(({ id }) => id))];
    for (const link of await findLinks(pool, { entity, port: name, keys })) {
      links.set(referenceKey({ entity, id: link.key }), link.legacyId);
    }
    const missing = keys.filter((id) => !links.has(referenceKey({ entity, id })));
    if (missing.length === 0) continue;
    const gone = await query<{ key: string }>(
      pool,
      `select s.key::text as key from porter.state s where s.consumer = $1 and s.key = any($2::uuid[]) and s.liveness = 'deleted'
         and not exists (select 1 from porter.work w where w.consumer = s.consumer and w.key = s.key)`,
      [`${entity}.${name}`, missing],
    );
    never.push(...gone.map(({ key }) => ({ entity, id: key })));
  }
  return { links, never };
}
