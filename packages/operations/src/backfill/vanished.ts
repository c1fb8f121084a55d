import { type StoredState, statesAfter } from '@banyan/postgres';
import { type AnyEntity, livenessOf } from '@banyan/transformer';
import type { BothSides } from '../context.js';
import { legacyIdsOf } from '../verify/v2-view.js';

const PAGE = 500;

/** Legacy ids that V2 holds as living rows of legacy's, and that legacy no longer has: absence is imported too. */
export async function* vanishedIds(sides: BothSides, entity: AnyEntity): AsyncIterable<readonly string[]> {
  const reader = sides.readerOf(entity);
  for (let after: string | null = null; ; ) {
    const page = await statesAfter(sides.v2, 'v2', entity.name, after, PAGE);
    const keys = page.filter(([, stored]) => isLegacys(entity, stored)).map(([key]) => key);
    const ids = [...(await legacyIdsOf(sides.v2, entity.name, keys)).values()];
    const { rows } = await reader.rows(ids);
    const gone = ids.filter((id) => rows.has(id) && rows.get(id) === undefined);
    if (gone.length > 0) yield gone;
    if (page.length < PAGE) return;
    after = page.at(-1)?.[0] ?? null;
  }
}

function isLegacys(entity: AnyEntity, { keyState, document }: StoredState): boolean {
  return keyState.owner === 'legacy' && document !== undefined && livenessOf(entity, document) === 'live';
}
