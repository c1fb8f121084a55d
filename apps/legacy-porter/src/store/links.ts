import { type Connection, type Queryable, query } from '@banyan/postgres';
import { awaitedLink } from '../sending/sending-port.js';

export interface PortLink {
  readonly entity: string;
  readonly port: string;
  readonly key: string;
  readonly legacyId: string;
}

/** A link that could not be written: `heldBy` has the legacy row. */
export interface TakenLink extends PortLink {
  readonly heldBy: string;
}

/**
 * Writes links and wakes the sends that waited for them. A link that is there stays. Answers those whose legacy id another key
 * holds: one row cannot be two entities.
 *
 * The lock is shared: writers do not stop each other. A send that is about to wait takes it alone (`lockLinks`), so that a link
 * is either seen by it or written after it, and then wakes it; without, both could miss each other.
 */
export async function writeLinks(tx: Connection, links: readonly PortLink[]): Promise<readonly TakenLink[]> {
  const entity = links[0]?.entity;
  if (entity === undefined) return [];
  await tx.query('select pg_advisory_xact_lock_shared($1, hashtext($2))', [LINK_LOCK, entity]);
  const sorted = [...links].sort((a, b) => (a.legacyId < b.legacyId ? -1 : 1));
  const values = [entity, ...columns(sorted)];
  await tx.query(
    `insert into porter.link (entity, port, key, legacy_id)
     select $1, port, key, legacy_id from unnest($2::text[], $3::uuid[], $4::text[]) as l(port, key, legacy_id)
     on conflict do nothing`,
    values,
  );
  const taken = await tx.query<TakenLink>(
    `select $1::text as entity, l.port, l.key::text as key, l.legacy_id as "legacyId", h.key::text as "heldBy"
     from unnest($2::text[], $3::uuid[], $4::text[]) as l(port, key, legacy_id)
     join porter.link h on h.entity = $1 and h.port = l.port and h.legacy_id = l.legacy_id and h.key <> l.key`,
    values,
  );
  await tx.query(
    `update porter.work set state = 'ready', waiting_for = null, since = now(), not_before = now()
     where state = 'waiting' and waiting_for && $1::text[]`,
    [links.map(({ port, key }) => awaitedLink(entity, port, key))],
  );
  return taken.rows;
}

/** Waits for link writers of these entities and keeps new ones out until the transaction ends. */
export async function lockLinks(tx: Connection, entities: readonly string[]): Promise<void> {
  for (const entity of [...new Set(entities)].sort()) {
    await tx.query('select pg_advisory_xact_lock($1, hashtext($2))', [LINK_LOCK, entity]);
  }
}

/** By legacy id: whichever key holds it. By key: the legacy id it got last. */
export function findLinks(
  on: Queryable,
  where: { readonly entity: string; readonly port: string } & (
    | { readonly legacyIds: readonly string[] }
    | { readonly keys: readonly string[] }
  ),
): Promise<readonly { entity: string; key: string; legacyId: string }[]> {
  const byId = 'legacyIds' in where;
  const values = [where.entity, where.port, byId ? where.legacyIds : where.keys];
  return query(
    on,
    byId
      ? `select entity, key::text as key, legacy_id as "legacyId" from porter.link
         where entity = $1 and port = $2 and legacy_id = any($3::text[]) order by legacy_id`
      : `select distinct on (key) entity, key::text as key, legacy_id as "legacyId" from porter.link
         where entity = $1 and port = $2 and key = any($3::uuid[]) order by key, seq desc`,
    values,
  );
}

const LINK_LOCK = 7_263_001;

function columns(links: readonly PortLink[]): readonly (readonly string[])[] {
  return [links.map(({ port }) => port), links.map(({ key }) => key), links.map(({ legacyId }) => legacyId)];
}
