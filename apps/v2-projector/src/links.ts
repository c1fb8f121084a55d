import { type BulkRow, bulkUpsert, type Connection } from '@banyan/postgres';
import type { AnyEntity } from '@banyan/transformer';
import { V2_SCHEMA } from './v2-migrations.js';

/** Which row of legacy an entity is. */
export interface LinkRow extends BulkRow {
  readonly entity: string;
  readonly key: string;
  readonly legacy_id: string;
  readonly port: string;
}

const LINK = {
  schema: V2_SCHEMA,
  table: 'link',
  columns: { entity: 'text', key: 'uuid', legacy_id: 'text', port: 'text' },
  conflict: ['entity', 'key'],
};

/** Writes links over those that are there; of several for one key the last counts. */
export async function saveLinks(tx: Connection, links: readonly LinkRow[]): Promise<void> {
  const last = new Map(links.map((link) => [`${link.entity} ${link.key}`, link]));
  const sorted = [...last].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, link]) => link);
  await bulkUpsert(tx, LINK, sorted);
}

/** The port that links come from. */
export function primaryPort(entity: AnyEntity): string | undefined {
  return entity.legacy.ports.find((port) => port.primary)?.name;
}
