import { type Connection, type Queryable, query } from '@banyan/postgres';

/** The row that legacy has at a version: what compare-and-set expects next. */
export interface Ported {
  readonly consumer: string;
  readonly key: string;
  readonly version: number;
  /** null = no row. */
  readonly hash: string | null;
  /** We made the row: before it there was none. Default false. */
  readonly created?: boolean;
}

/** A stored row, with those that legacy had by us before it. */
export interface PortedRow {
  readonly version: number;
  readonly hash: string | null;
  /** The latest first, the last eight; null = no row. */
  readonly earlier: readonly (string | null)[];
}

/** The rows of those keys that have one. */
export async function readPorted(
  on: Queryable,
  consumer: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, PortedRow>> {
  const rows = await query<PortedRow & { key: string }>(
    on,
    'select key::text as key, version, hash, earlier from porter.ported where consumer = $1 and key = any($2::uuid[])',
    [consumer, keys],
  );
  return new Map(rows.map(({ key, version, hash, earlier }) => [key, { version, hash, earlier }]));
}

/** Remembers rows; of a key that stands twice, and against what is there, the higher version stays. */
export async function savePorted(tx: Connection, rows: readonly Ported[]): Promise<void> {
  if (rows.length === 0) return;
  const latest = new Map<string, Ported>();
  for (const row of rows) {
    const id = `${row.consumer} ${row.key}`;
    if ((latest.get(id)?.version ?? -1) < row.version) latest.set(id, row);
  }
  const sorted = [...latest.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  await tx.query(
    `insert into porter.ported (consumer, key, version, hash, earlier)
     select consumer, key, version, hash, case when created then '{null}'::text[] else '{}' end
     from unnest($1::text[], $2::uuid[], $3::bigint[], $4::text[], $5::boolean[]) as r(consumer, key, version, hash, created)
     on conflict (consumer, key) do update set version = excluded.version, hash = excluded.hash,
       earlier = (array_prepend(ported.hash, ported.earlier))[1:8]
     where ported.version < excluded.version`,
    [
      sorted.map(({ consumer }) => consumer),
      sorted.map(({ key }) => key),
      sorted.map(({ version }) => version),
      sorted.map(({ hash }) => hash),
      sorted.map(({ created }) => created ?? false),
    ],
  );
}
