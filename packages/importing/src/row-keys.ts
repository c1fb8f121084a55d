import { setTimeout as delay } from 'node:timers/promises';
import { importedId } from '@banyan/core';
import { isAbove } from '@banyan/legacy';
import type { AnyEntity } from '@banyan/transformer';
import type { OpenIntent, PorterApi } from './porter-client.js';

/** Whose a legacy row is: an entity id, or nobody can say yet. */
export type RowKey =
  | { readonly type: 'key'; readonly key: string }
  | { readonly type: 'held'; readonly reason: string };

export interface RowKeysOptions {
  readonly porter: PorterApi;
  /** How long to wait for open sends that may have made one of the rows, milliseconds. */
  readonly waitForIntentsMs: number;
  /** Between two looks, milliseconds. Default 100. */
  readonly lookEveryMs?: number;
}

/**
 * Step 4 of the import protocol, for rows that have been read already: the key that a link names, else the UUIDv5 of the id in the row;
 * `held` where a send that is not closed may have made the row. The journal is read after the rows and the links after the journal:
 * the other way round a send could close in between, and its row would be imported under a second id.
 */
export async function keysOfRows(
  options: RowKeysOptions,
  entity: AnyEntity,
  legacyIds: readonly string[],
): Promise<ReadonlyMap<string, RowKey>> {
  const ids = [...new Set(legacyIds)];
  // A derived id is in the row itself, and its native create takes the same UUIDv5: no link can name another key.
  if (ids.length === 0 || entity.legacy.identity.type === 'derived') return keysFrom(entity.name, ids, new Map(), []);
  const { porter, waitForIntentsMs, lookEveryMs = 100 } = options;
  const seen = (await porter.intents(entity.name)).filter((intent) => intent.operation === 'create');
  let links = await linksOf(porter, entity.name, ids);
  let suspects = openSends(seen, ids, links);
  // A send that opened after the rows were read cannot have made one of them: only those seen first are waited for.
  const until = performance.now() + waitForIntentsMs;
  while (suspects.some((intent) => intent.state === 'open') && performance.now() < until) {
    await delay(lookEveryMs);
    const open = new Map((await porter.intents(entity.name)).map((intent) => [intent.eventId, intent]));
    links = await linksOf(porter, entity.name, ids);
    const still = seen.flatMap((intent) => open.get(intent.eventId) ?? []);
    suspects = openSends(still, ids, links);
  }
  return keysFrom(entity.name, ids, links, suspects);
}

/** The creates that may have made one of the ids nobody has a link for. Pure. */
export function openSends(
  intents: readonly OpenIntent[],
  ids: readonly string[],
  links: ReadonlyMap<string, string>,
): readonly OpenIntent[] {
  const unlinked = ids.filter((id) => !links.has(id));
  return intents.filter((intent) => unlinked.some((id) => mayHaveMade(intent, id)));
}

/** Pure. */
export function keysFrom(
  entity: string,
  ids: readonly string[],
  links: ReadonlyMap<string, string>,
  openSends: readonly OpenIntent[],
): ReadonlyMap<string, RowKey> {
  const keyOf = (id: string): RowKey => {
    const linked = links.get(id);
    if (linked !== undefined) return { type: 'key', key: linked };
    const send = openSends.find((intent) => mayHaveMade(intent, id));
    if (send === undefined) return { type: 'key', key: importedId(entity, id) };
    return {
      type: 'held',
      reason: `${entity} ${send.key} is being created in legacy (${send.state}) and legacy row ${id} may be its; settle it, then import again`,
    };
  };
  return new Map(ids.map((id) => [id, keyOf(id)]));
}

function mayHaveMade(intent: OpenIntent, id: string): boolean {
  return intent.legacyId === null ? isAbove(id, intent.highWaterMark) : intent.legacyId === id;
}

async function linksOf(porter: PorterApi, entity: string, legacyIds: readonly string[]) {
  const links = await porter.links(entity, { legacyIds });
  return new Map(links.map((link) => [link.legacyId, link.key]));
}
