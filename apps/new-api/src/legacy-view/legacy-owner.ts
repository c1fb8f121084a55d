import { importedId, type KeyState, ownerOf } from '@banyan/core';
import { keysOfRows, type PorterApi } from '@banyan/importing';
import type { AnyEntity } from '@banyan/transformer';
import { problem } from '../problems.js';
import type { V2View } from '../store/v2-store.js';

export interface LegacyOwner {
  /** The entity that the row is; null while it is held and nobody can say. */
  readonly key: string | null;
  /** Under the present authority. */
  readonly owner: KeyState['owner'];
  /** That all partitions have reached. */
  readonly epoch: number;
  readonly liveness: KeyState['liveness'];
  /** Nobody can say yet whose the row is: a send that is not closed may have made it, or V2 has not seen what the porter has. */
  readonly held: boolean;
}

export interface OwnerTools {
  readonly store: Pick<V2View, 'state' | 'rows'>;
  readonly porter: PorterApi | undefined;
}

/**
 * Whose a legacy row is, for a write that wants to go to legacy directly. The porter is asked first: its links are written with the sends,
 * V2's own come behind. Neither Kafka nor legacy is needed. Throws `IMPORT_PORTER_AWAY` (503), `API_STORE_NOT_READY`.
 * @param legacyId canonical
 */
export async function legacyOwner(
  { store, porter }: OwnerTools,
  entity: AnyEntity,
  legacyId: string,
): Promise<LegacyOwner> {
  if (porter === undefined) {
    throw problem(
      'API_STORE_NOT_READY',
      'Whose a legacy row is only the porter knows, and no PORTER_URL is configured.',
    );
  }
  const seen = await keyOf(porter, entity, legacyId);
  const { epoch, handback } = await authorityOf(store, entity.name);
  if (seen === undefined) return { key: null, owner: 'none', epoch, liveness: 'absent', held: true };
  const { keyState } = await store.state(entity.name, seen.key);
  return {
    key: seen.key,
    // Until all partitions have a hand-back the row counts as V2's: a round trip that is refused does less harm than a covered write.
    owner: ownerOf({ epoch, share: 0, handback }, keyState),
    epoch,
    liveness: keyState.liveness,
    held: seen.sent && keyState.version === 0,
  };
}

/** undefined = held. `sent` = the porter sent that key, or is about to. */
async function keyOf(porter: PorterApi, entity: AnyEntity, legacyId: string) {
  const imported = importedId(entity.name, legacyId);
  if (entity.legacy.identity.type === 'assigned-by-legacy') {
    const row = (await keysOfRows({ porter, waitForIntentsMs: 0 }, entity, [legacyId])).get(legacyId);
    return row?.type === 'key' ? { key: row.key, sent: row.key !== imported } : undefined;
  }
  // A derived id is its own link. Journal before links, or a send could close in between.
  const intents = await porter.intents(entity.name);
  const links = await porter.links(entity.name, { keys: [imported] });
  return { key: imported, sent: links.length > 0 || intents.some(({ key }) => key === imported) };
}

async function authorityOf(store: Pick<V2View, 'rows'>, entity: string) {
  const [found] = await store.rows(
    'select min(epoch) as epoch, min(handback) as handback from v2.sink_offset where consumer = $1',
    [entity],
  );
  return { epoch: Number(found?.epoch ?? 0), handback: Number(found?.handback ?? 0) };
}
