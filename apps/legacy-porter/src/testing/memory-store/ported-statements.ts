import type { PortedStatements } from '../../store/porter-store.js';
import { type Place, text } from './place.js';
import { type PortedTableRow, TABLE } from './rows.js';

export function portedStatements(place: Place): PortedStatements {
  return {
    readPorted: (consumer, keys) =>
      place.run('ported: read', (tables) => {
        const found = keys.map((key) => tables.get<PortedTableRow>(TABLE.ported, `${consumer} ${key}`));
        return new Map(
          found.flatMap((row) =>
            row === undefined ? [] : [[row.key, { version: row.version, hash: row.hash, earlier: row.earlier }]],
          ),
        );
      }),

    savePorted: (rows) =>
      place.run('ported: save', (tables) => {
        const byId = new Map(rows.map((row) => [`${row.consumer} ${row.key}`, row]));
        tables.upsert<PortedTableRow>(TABLE.ported, [...byId.keys()], (id, found) => {
          const row = byId.get(id);
          if (row === undefined || (found !== undefined && found.version >= row.version + (row.again ? 1 : 0)))
            return undefined;
          const { consumer, key, version, hash, etag, created } = row;
          const before = created === true ? [null] : [];
          const earlier = found === undefined ? before : [found.hash, ...found.earlier].slice(0, 8);
          return { consumer, key, version, hash, etag: text(etag ?? null), earlier, restored: found?.restored };
        });
      }),
  };
}
