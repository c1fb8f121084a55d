import { execute, type Queryable, query } from '@banyan/postgres';
import type { PortedRow } from '../ported.js';
import type { PortedStatements } from '../porter-store.js';

export function portedStatements(on: Queryable): PortedStatements {
  return {
    async readPorted(consumer, keys) {
      const rows = await query<PortedRow & { key: string }>(
        on,
        'select key::text as key, version, hash, earlier from porter.ported where consumer = $1 and key = any($2::uuid[])',
        [consumer, keys],
      );
      return new Map(rows.map(({ key, version, hash, earlier }) => [key, { version, hash, earlier }]));
    },

    async savePorted(rows) {
      if (rows.length === 0) return;
      const again = rows.filter((row) => row.again);
      await execute(
        on,
        `insert into porter.ported (consumer, key, version, hash, etag, earlier)
         select consumer, key, version, hash, etag, case when created then '{null}'::text[] else '{}' end
         from unnest($1::text[], $2::uuid[], $3::bigint[], $4::text[], $5::boolean[], $6::text[])
           as r(consumer, key, version, hash, created, etag)
         on conflict (consumer, key) do update set version = excluded.version, hash = excluded.hash, etag = excluded.etag,
           earlier = (array_prepend(ported.hash, ported.earlier))[1:8]
         where ported.version < excluded.version
           or ported.version = excluded.version and (excluded.consumer, excluded.key) in (select * from unnest($7::text[], $8::uuid[]))`,
        [
          rows.map(({ consumer }) => consumer),
          rows.map(({ key }) => key),
          rows.map(({ version }) => version),
          rows.map(({ hash }) => hash),
          rows.map(({ created }) => created ?? false),
          rows.map(({ etag }) => etag ?? null),
          again.map(({ consumer }) => consumer),
          again.map(({ key }) => key),
        ],
      );
    },
  };
}
