import { execute, type Queryable, query } from '@banyan/postgres';
import type { LinkStatements, LinksWhere, PortLink, TakenLink } from '../porter-store.js';

const LINK_LOCK = 7_263_001;

export function linkStatements(on: Queryable): LinkStatements {
  return {
    async lockLinks(entity, how) {
      const lock = how === 'shared' ? 'pg_advisory_xact_lock_shared' : 'pg_advisory_xact_lock';
      await query(on, `select ${lock}($1, hashtext($2))`, [LINK_LOCK, entity]);
    },

    async addLinks(links) {
      await execute(
        on,
        `insert into porter.link (entity, port, key, legacy_id)
         select $1, port, key, legacy_id from unnest($2::text[], $3::uuid[], $4::text[]) as l(port, key, legacy_id)
         on conflict do nothing`,
        valuesOf(links),
      );
    },

    takenLinks: (links) =>
      query<TakenLink>(
        on,
        `select $1::text as entity, l.port, l.key::text as key, l.legacy_id as "legacyId", h.key::text as "heldBy"
         from unnest($2::text[], $3::uuid[], $4::text[]) as l(port, key, legacy_id)
         join porter.link h on h.entity = $1 and h.port = l.port and h.legacy_id = l.legacy_id and h.key <> l.key`,
        valuesOf(links),
      ),

    findLinks: (where) => findLinks(on, where),

    async goneKeys(consumer, keys) {
      const gone = await query<{ key: string }>(
        on,
        `select s.key::text as key from porter.state s where s.consumer = $1 and s.key = any($2::uuid[]) and s.liveness = 'deleted'
           and not exists (select 1 from porter.work w where w.consumer = s.consumer and w.key = s.key)`,
        [consumer, keys],
      );
      return gone.map(({ key }) => key);
    },
  };
}

function findLinks(on: Queryable, where: LinksWhere): Promise<readonly Omit<PortLink, 'port'>[]> {
  const byId = 'legacyIds' in where;
  return query(
    on,
    byId
      ? `select entity, key::text as key, legacy_id as "legacyId" from porter.link
         where entity = $1 and port = $2 and legacy_id = any($3::text[]) order by legacy_id`
      : `select distinct on (key) entity, key::text as key, legacy_id as "legacyId" from porter.link
         where entity = $1 and port = $2 and key = any($3::uuid[]) order by key, seq desc`,
    [where.entity, where.port, byId ? where.legacyIds : where.keys],
  );
}

function valuesOf(links: readonly PortLink[]): readonly unknown[] {
  return [
    links[0]?.entity,
    links.map(({ port }) => port),
    links.map(({ key }) => key),
    links.map(({ legacyId }) => legacyId),
  ];
}
