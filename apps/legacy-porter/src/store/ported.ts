import type { Connection } from '@banyan/postgres';

/** The row that legacy has at a version: what compare-and-set expects next. */
export interface Ported {
  readonly consumer: string;
  readonly key: string;
  readonly version: number;
  /** null = no row. */
  readonly hash: string | null;
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
    `insert into porter.ported (consumer, key, version, hash)
     select * from unnest($1::text[], $2::uuid[], $3::bigint[], $4::text[])
     on conflict (consumer, key) do update set version = excluded.version, hash = excluded.hash
     where ported.version < excluded.version`,
    [
      sorted.map(({ consumer }) => consumer),
      sorted.map(({ key }) => key),
      sorted.map(({ version }) => version),
      sorted.map(({ hash }) => hash),
    ],
  );
}
