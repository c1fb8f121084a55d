import {
  type Connection,
  closeUnlike,
  execute,
  identifier,
  markUnlike,
  type Pool,
  query,
  readStates,
  unlikeKeys,
} from '@banyan/postgres';
import type { RepairReads, RepairTx, ResyncKey, ResyncProgress, ResyncRequest, ResyncScope } from '../repair-store.js';
import { discardParked } from './parked.js';
import type { SinkPlace } from './place.js';

export function repairReads(pool: Pool, place: SinkPlace): RepairReads {
  return {
    unlike: (key) => unlikeKeys(pool, place, key),
    resyncProgress: async () => {
      const sql = `select ${PROGRESS} from ${identifier(place.schema)}.resync where consumer = $1`;
      const [row] = await query<ProgressRow>(pool, sql, [place.consumer]);
      return row === undefined ? undefined : progressOf(row);
    },
  };
}

export function repairTx(tx: Connection, place: SinkPlace): RepairTx {
  const { schema, consumer } = place;
  const s = identifier(schema);
  return {
    discardParked: (id, word) => discardParked(tx, place, id, word),
    markUnlike: (mark) => markUnlike(tx, place, mark),
    closeUnlike: (upTo) => closeUnlike(tx, place, upTo),
    takeResync: (request) => takeResync(tx, place, request),

    async saveResync({ request, after, done, standing, failed, workedMs, finished }) {
      await execute(
        tx,
        `update ${s}.resync set after_key = $3, done = $4, standing = $5, failed = $6, worked_ms = $7, finished = $8
         where consumer = $1 and request = $2`,
        [consumer, request, after ?? null, done, standing, failed, Math.round(workedMs), finished],
      );
    },

    resyncKeys: (scope, after, limit) => resyncKeys(tx, place, scope, { after, limit }),

    async saveResynced(keys, transformerVersion) {
      await execute(
        tx,
        `insert into ${s}.resynced (consumer, key, transformer_version) select $1, key, $3 from unnest($2::uuid[]) as k(key)
         on conflict (consumer, key) do update set transformer_version = excluded.transformer_version`,
        [consumer, keys, transformerVersion],
      );
    },
  };
}

const PROGRESS = `request, after_key::text as after, total, done, standing, failed, worked_ms as "workedMs", finished`;
type ProgressRow = Omit<ResyncProgress, 'after'> & { after: string | null };

function progressOf(row: ProgressRow): ResyncProgress {
  return { ...row, after: row.after ?? undefined };
}

async function takeResync(
  tx: Connection,
  place: SinkPlace,
  { request, scope }: ResyncRequest,
): Promise<ResyncProgress | undefined> {
  const s = identifier(place.schema);
  const held = `select ${PROGRESS} from ${s}.resync where consumer = $1 for update`;
  const [found] = await query<ProgressRow>(tx, held, [place.consumer]);
  if (found !== undefined && found.request > request) return undefined;
  if (found?.request === request) return progressOf(found);
  const { where, values } = inScope(place, scope);
  // Two that begin it at once: the second one's insert waits for the first one's end, and then looks again.
  await execute(
    tx,
    `insert into ${s}.resync as r (consumer, request, total)
     select $1, $${values.length + 1}, (select count(*) from ${s}.state s where ${where})
     on conflict (consumer) do update set request = excluded.request, total = excluded.total, after_key = null, done = 0,
       standing = 0, failed = 0, worked_ms = 0, finished = false
     where r.request < excluded.request`,
    [...values, request],
  );
  const [begun] = await query<ProgressRow>(tx, held, [place.consumer]);
  return begun?.request === request ? progressOf(begun) : undefined;
}

/** The states s of a scope; $1 is the consumer. */
function inScope(
  { schema, consumer }: SinkPlace,
  { key, unlike, olderThan }: ResyncScope,
): { readonly where: string; readonly values: readonly unknown[] } {
  const s = identifier(schema);
  const values: unknown[] = [consumer];
  const where = ['s.consumer = $1'];
  if (key !== undefined) where.push(`s.key = $${values.push(key)}::uuid`);
  if (unlike === true) where.push(`exists (select 1 from ${s}.unlike u where u.consumer = $1 and u.key = s.key)`);
  if (olderThan !== undefined) {
    const older = `$${values.push(olderThan)}::int`;
    where.push(
      `s.transformer_version < ${older} and not exists (select 1 from ${s}.resynced r
         where r.consumer = $1 and r.key = s.key and r.transformer_version >= ${older})`,
    );
  }
  return { where: where.join(' and '), values };
}

/**
 * A key that stands is not held: a replay writes its rows first and its state last, and would wait for us as we wait for it. Every other
 * transaction writes states first, in key order, as these are held here.
 */
async function resyncKeys(
  tx: Connection,
  place: SinkPlace,
  scope: ResyncScope,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): Promise<readonly ResyncKey[]> {
  const s = identifier(place.schema);
  const { where, values } = inScope(place, scope);
  const [behind, most] = [`$${values.length + 1}::uuid`, `$${values.length + 2}`];
  const page = await query<{ key: string }>(
    tx,
    `select s.key::text as key from ${s}.state s where ${where} and (${behind} is null or s.key > ${behind}) order by s.key limit ${most}`,
    [...values, after ?? null, limit],
  );
  const keys = page.map(({ key }) => key);
  const held = await query<{ key: string }>(
    tx,
    `select key::text as key from ${s}.state where consumer = $1 and key = any($2::uuid[]) and not parked and not effects_held
     order by key for update`,
    [place.consumer, keys],
  );
  const states = await readStates(
    tx,
    place.schema,
    place.consumer,
    held.map(({ key }) => key),
  );
  return keys.map((key) => ({ key, state: states.get(key) }));
}
