import { rowHash } from '@banyan/compare';
import type { DomainEvent } from '@banyan/contracts';
import { type Authority, importedId, type KeyState, type Liveness, ownerOf } from '@banyan/core';
import { type AnyEntity, type LegacyRow, livenessOf, UnmappableRow } from '@banyan/transformer';
import type { ImportResult, RoundResult, RowRef, Work } from './import-types.js';
import type { RowKey } from './row-keys.js';

/** The content hash of "legacy has no such row". */
const ABSENT_ROW_HASH = 'absent';

/** A row as it was read behind the observation of its key. */
export interface ReadWork {
  readonly work: Work;
  /** That of the row; of what was asked for when there is none. */
  readonly legacyId: string;
  /** undefined = absent. */
  readonly row: LegacyRow | undefined;
  /** Why the reader could not make a canonical row of it. */
  readonly invalid?: string | undefined;
  readonly refs: readonly RowRef[];
}

/** What is known of the key that the row was observed under. */
export interface Observed {
  readonly authority: Authority;
  readonly keyState: KeyState;
  readonly epoch: number;
  /** Skip absences of keys that nobody ever saw. */
  readonly ignoreUnseenAbsence: boolean;
}

export interface ImportContent {
  readonly event: DomainEvent;
  readonly contentHash: string;
  readonly liveness: Liveness;
}

/** An import to be published on the version and the epoch that were observed. */
export interface Publication {
  readonly read: ReadWork;
  readonly key: string;
  readonly observed: Observed;
  readonly content: ImportContent;
}

export type Plan = RoundResult | { readonly type: 'publish'; readonly publication: Publication };
export type KeyOf = (entity: string, legacyId: string) => RowKey;

/** Steps 4 (its end) and 5 of the import protocol for one row. Pure. */
export function planImport(entity: AnyEntity, read: ReadWork, observed: Observed, keyOf: KeyOf): Plan {
  const { work, legacyId, row, refs } = read;
  const done = (result: Omit<ImportResult, 'legacyId' | 'refs'>): Plan => ({
    type: 'done',
    result: { legacyId, refs, ...result },
  });
  if (read.invalid !== undefined) return done({ bucket: 'invalid', reason: read.invalid });

  const own = keyOf(entity.name, legacyId);
  if (own.type === 'held') return done({ bucket: 'held', reason: own.reason });
  for (const named of refs.map((ref) => keyOf(ref.entity, ref.legacyId))) {
    if (named.type === 'held') return done({ bucket: 'held', reason: named.reason });
  }
  const { key } = own;
  // The row belongs to another key than the one observed: that one is observed, and the row read again behind it.
  if (key !== work.key) return { type: 'again', work: { legacyId: work.legacyId, key } };

  if (row === undefined && observed.keyState.version === 0 && observed.ignoreUnseenAbsence) {
    return done({ bucket: 'absent', key });
  }
  try {
    const content = importContent(entity, { key, legacyId, row, keyOf });
    if (isAlreadySo(observed, content)) return done({ bucket: row === undefined ? 'absent' : 'unchanged', key });
    return { type: 'publish', publication: { read, key, observed, content } };
  } catch (error) {
    if (!(error instanceof UnmappableRow)) throw error;
    return done({ bucket: 'invalid', key, reason: error.message });
  }
}

interface RowOfKey {
  readonly key: string;
  readonly legacyId: string;
  readonly row: LegacyRow | undefined;
  readonly keyOf: KeyOf;
}

/** The import event of a row, or of its absence. Throws `UnmappableRow`. */
function importContent(entity: AnyEntity, { key, legacyId, row, keyOf }: RowOfKey): ImportContent {
  if (row === undefined) {
    return { event: entity.legacy.importAbsence(legacyId), contentHash: ABSENT_ROW_HASH, liveness: 'deleted' };
  }
  const idOf = (name: string, id: string): string => {
    const named = keyOf(name, id);
    return named.type === 'key' ? named.key : importedId(name, id);
  };
  const event: DomainEvent = entity.legacy.importRow(row, { id: key, idOf });
  // An import carries the whole state, so what it leaves does not depend on what was before.
  return { event, contentHash: rowHash(row), liveness: livenessOf(entity, entity.evolve(undefined, event)) };
}

/** Nothing to publish when hash, liveness, owner and epoch are the key's. */
function isAlreadySo({ authority, keyState, epoch }: Observed, content: ImportContent): boolean {
  return (
    ownerOf(authority, keyState) === 'legacy' &&
    keyState.hash === content.contentHash &&
    keyState.liveness === content.liveness &&
    keyState.epoch >= epoch
  );
}
