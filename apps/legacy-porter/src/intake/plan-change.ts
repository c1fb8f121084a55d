import { HEADER } from '@banyan/contracts';
import { BanyanError, isImportOrigin } from '@banyan/core';
import type { Change, EffectiveChange } from '@banyan/sink';
import { portOperation } from '@banyan/transformer';
import type { SendOperation } from '../store/work.js';

/** What a change of an entity means for one port. */
export type IntakeEffect =
  | { readonly type: 'send'; readonly operation: SendOperation; readonly change: EffectiveChange }
  /** Legacy has it already; it is where it came from. */
  | {
      readonly type: 'imported';
      readonly change: EffectiveChange;
      readonly legacyId: string;
      readonly hash: string | null;
    }
  | {
      readonly type: 'receipt';
      readonly outcome: 'skipped' | 'refused';
      readonly change: Change;
      readonly reason: string;
    }
  /** An import of a key that V2 owns: its row should be the one that was ported last. */
  | { readonly type: 'seen'; readonly change: Change; readonly legacyId: string | null; readonly hash: string | null }
  | { readonly type: 'none' };

/** Pure. Imports are never sent: nothing that came from legacy echoes. Throws `PORTER_IMPORT_WITHOUT_ID`. */
export function planChange(change: Change): IntakeEffect {
  const imported = isImportOrigin(change.origin);
  if (change.outcome !== 'effective') {
    if (change.outcome === 'superseded')
      return { type: 'seen', change, legacyId: legacyIdOf(change) ?? null, hash: hashOf(change) };
    const refused = !imported && (change.outcome === 'stale' || change.outcome === 'conflict');
    return refused ? { type: 'receipt', outcome: 'refused', change, reason: change.outcome } : { type: 'none' };
  }
  if (imported) {
    return { type: 'imported', change, legacyId: legacyIdIn(change), hash: hashOf(change) };
  }
  const operation = portOperation(change.beforeLive, change.afterLive);
  if (operation === 'nothing') {
    return { type: 'receipt', outcome: 'skipped', change, reason: 'legacy had no such row and needs none' };
  }
  return { type: 'send', operation, change };
}

/** The row that was read; null = absence was. */
function hashOf({ headers, contentHash }: Change): string | null {
  return headers[HEADER.liveness] === 'live' ? (contentHash ?? null) : null;
}

function legacyIdOf({ event }: Change): string | undefined {
  const { legacyId } = (event?.data ?? {}) as { legacyId?: unknown };
  return typeof legacyId === 'string' && legacyId !== '' ? legacyId : undefined;
}

function legacyIdIn(change: EffectiveChange): string {
  const legacyId = legacyIdOf(change);
  if (legacyId !== undefined) return legacyId;
  throw new BanyanError(
    'PORTER_IMPORT_WITHOUT_ID',
    `${change.event.type} of ${change.key} is an import without the field legacyId; add it to the event, then replay the key.`,
    { data: { key: change.key, eventId: change.eventId } },
  );
}
