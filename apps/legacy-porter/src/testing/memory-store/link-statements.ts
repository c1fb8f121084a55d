import type { LinkStatements, LinksWhere, PortKey, PortLink } from '../../store/porter-store.js';
import { type Place, type Tables, text } from './place.js';
import { type LinkRow, TABLE } from './rows.js';
import { isGone } from './work-statements.js';

export function linkStatements(place: Place): LinkStatements {
  return {
    lockLinks: (entity, how) => place.lock(`links of ${entity}`, how),

    addLinks: (links) =>
      place.run('link: add', (tables) => {
        const byId = new Map<string, PortLink>();
        for (const link of links) if (!byId.has(linkId(link))) byId.set(linkId(link), link);
        tables.upsert<LinkRow>(TABLE.link, [...byId.keys()], (id, found) => {
          const link = byId.get(id);
          if (found !== undefined || link === undefined) return undefined;
          const { entity, port, key, legacyId } = link;
          return { seq: tables.rows.nextNumber('link'), entity, port, key, legacyId: text(legacyId) };
        });
      }),

    takenLinks: (links) =>
      place.run('link: taken', (tables) =>
        links.flatMap((link) => {
          const heldBy = tables.get<LinkRow>(TABLE.link, linkId(link))?.key;
          return heldBy === undefined || heldBy === link.key ? [] : [{ ...link, heldBy }];
        }),
      ),

    findLinks: (where) => place.run('link: find', (tables) => findLinks(tables, where)),

    goneKeys: (consumer, keys) =>
      place.run('gone keys', (tables) => keys.filter((key) => isGone(tables, consumer, key))),
  };
}

/** The one that the key got last. */
export function latestLink(tables: Tables, { entity, port, key }: PortKey): LinkRow | undefined {
  return tables
    .all<LinkRow>(TABLE.link)
    .filter((link) => link.entity === entity && link.port === port && link.key === key)
    .sort((a, b) => b.seq - a.seq)[0];
}

function findLinks(tables: Tables, where: LinksWhere): readonly Omit<PortLink, 'port'>[] {
  const { entity, port } = where;
  const found =
    'legacyIds' in where
      ? [...new Set(where.legacyIds)]
          .sort()
          .map((id) => tables.get<LinkRow>(TABLE.link, linkId({ entity, port, legacyId: id })))
      : [...new Set(where.keys)].sort().map((key) => latestLink(tables, { entity, port, key }));
  return found.flatMap((link) => (link === undefined ? [] : [{ entity, key: link.key, legacyId: link.legacyId }]));
}

function linkId({ entity, port, legacyId }: Pick<PortLink, 'entity' | 'port' | 'legacyId'>): string {
  return `${entity} ${port} ${legacyId}`;
}
