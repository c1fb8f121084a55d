import { BanyanError } from '@banyan/core';
import type { Connection } from '@banyan/postgres';

/**
 * What a legacy database runs once, by its owners' hands, before a transactional port may write to it: the one thing of Banyan in
 * it. `banyan ports marker` prints it. Repeatable. The porter's role needs `select, insert, update` on it.
 */
export const MARKER_DDL = `-- Which change of which key each port of Banyan wrote last, moved in the transaction that writes the row.
create table if not exists banyan_marker (
  port text not null,
  key uuid not null,
  -- The version of the key that was written last; 0 is only ever seen inside a transaction.
  version bigint not null,
  -- Of the row as it was left; null = no row.
  row_hash text,
  written_at timestamptz not null default now(),
  primary key (port, key)
);
`;

export interface Marker {
  readonly version: number;
  readonly hash: string | null;
}

/** What stands at a key of a port, and who. */
export interface MarkerKey {
  /** `order.billing` */
  readonly port: string;
  readonly key: string;
}

/**
 * The marker of a key, held until the transaction ends; a key without one gets version 0. Whoever else is at this key's send, even one
 * whose commit is still on its way, is waited for: that is why the marker's answer is certain. Throws `LEGACY_MARKER_MISSING`.
 */
export async function holdMarker(tx: Connection, { port, key }: MarkerKey): Promise<Marker> {
  try {
    await tx.query('insert into banyan_marker (port, key, version) values ($1, $2, 0) on conflict do nothing', [
      port,
      key,
    ]);
    const { rows } = await tx.query<Marker>(
      'select version, row_hash as hash from banyan_marker where port = $1 and key = $2 for update',
      [port, key],
    );
    return rows[0] ?? { version: 0, hash: null };
  } catch (error) {
    throw isMissing(error) ? missing(port, error) : error;
  }
}

export async function moveMarker(tx: Connection, { port, key }: MarkerKey, from: number, to: Marker): Promise<void> {
  const moved = await tx.query(
    `update banyan_marker set version = $4, row_hash = $5, written_at = now() where port = $1 and key = $2 and version = $3`,
    [port, key, from, to.version, to.hash],
  );
  if (moved.rowCount !== 1) throw new Error(`the marker of ${port} ${key} is not at ${from}, though it is held`);
}

/** Undefined table, no such schema, no right to it. */
function isMissing(error: unknown): boolean {
  return ['42P01', '3F000', '42501', '42703'].includes(String((error as { code?: unknown }).code));
}

function missing(port: string, cause: unknown): BanyanError {
  return new BanyanError(
    'LEGACY_MARKER_MISSING',
    `${port} cannot send: its database has no table banyan_marker that the porter may use (${(cause as Error).message}). Let its owners run what \`banyan ports marker\` prints and grant select, insert and update on it to the porter's role; the sends go on by themselves.`,
    { data: { port }, cause },
  );
}
