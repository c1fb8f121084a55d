import { type Migration, sinkMigrations } from '@banyan/postgres';
import type { AnyEntity } from '@banyan/transformer';

/** The schema of the V2 store, written by this app alone. */
export const V2_SCHEMA = 'v2';

/** What schema `v2` is made of: the sinks' tables, the links, then each entity's own. */
export function v2Migrations(entities: readonly AnyEntity[]): readonly Migration[] {
  return [
    ...sinkMigrations(V2_SCHEMA),
    {
      name: 'v2/1-link',
      sql: `
        -- Entity id <-> legacy id, for reads only (decisions ask the porter): from receipts and from imports. Never removed.
        create table v2.link (
          entity text not null, key uuid not null, legacy_id text not null, port text not null,
          primary key (entity, key));
        create index link_legacy_id on v2.link (entity, legacy_id);
      `,
    },
    {
      name: 'v2/2-link-order',
      sql: `
        -- Legacy's lists are pages in the order of legacy ids: numbers by size (shorter first, then bytes), codes by their bytes.
        create index link_by_number on v2.link (entity, length(legacy_id), legacy_id collate "C");
        create index link_by_code on v2.link (entity, legacy_id collate "C");
      `,
    },
    ...entities.flatMap((entity) => entity.migrations),
  ];
}
