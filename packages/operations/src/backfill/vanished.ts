import { type Authority, ownerOf } from '@banyan/core';
import { type StoredState, statesAfter } from '@banyan/postgres';
import { type AnyEntity, livenessOf } from '@banyan/transformer';
import type { BothSides } from '../context.js';
import { authorityOfOwners } from '../handback.js';
import { legacyIdsOf } from '../verify/v2-view.js';

const PAGE = 500;

/**
 * Legacy ids that V2 holds as living rows of legacy's, and that legacy no longer has: absence is imported too. Behind a hand-back the
 * rows that were born in V2 are legacy's as well, and deleted there they would live on in V2 without anybody noticing.
 */
export async function* vanishedIds(sides: BothSides, entity: AnyEntity): AsyncIterable<readonly string[]> {
  const reader = sides.readerOf(entity);
  const authority = await authorityOfOwners(sides.v2, entity.name);
  for (let after: string | null = null; ; ) {
    const page = await statesAfter(sides.v2, 'v2', entity.name, after, PAGE);
    const keys = page.filter(([, stored]) => isLegacys(entity, authority, stored)).map(([key]) => key);
    const ids = [...(await legacyIdsOf(sides.v2, entity.name, keys)).values()];
    const { rows } = await reader.rows(ids);
    const gone = ids.filter((id) => rows.has(id) && rows.get(id) === undefined);
    if (gone.length > 0) yield gone;
    if (page.length < PAGE) return;
    after = page.at(-1)?.[0] ?? null;
  }
}

function isLegacys(entity: AnyEntity, authority: Authority, { keyState, document }: StoredState): boolean {
  return ownerOf(authority, keyState) === 'legacy' && document !== undefined && livenessOf(entity, document) === 'live';
}
