import { differences } from '@banyan/compare';
import { importedId } from '@banyan/core';
import type { InvalidRow } from '@banyan/legacy';
import { differingKeys, readStates, type StoredState, statesAfter } from '@banyan/postgres';
import { type AnyEntity, type LegacyRow, livenessOf, UnmappableRow } from '@banyan/transformer';
import type { BothSides } from '../context.js';
import type { Candidate, Candidates } from './candidates.js';
import { formatRows, keysOf, legacyIdsOf } from './v2-view.js';
import type { RowDifference } from './verdict.js';

const PAGE = 500;

export interface Seen {
  /** Rows held against each other so far, all entities. */
  readonly compared: number;
  readonly entity: string;
}

/** What a walk through both sides met. */
export interface Walked {
  readonly legacyRows: number;
  readonly v2Rows: number;
  readonly compared: number;
}

/**
 * Goes through all of legacy and all of V2 once, a page at a time, and remembers only what seems to differ. That may still be the
 * lag; the caller looks again.
 */
export async function walkEntity(
  sides: BothSides,
  entity: AnyEntity,
  seems: Candidates,
  onProgress: (seen: Seen) => void,
): Promise<Walked> {
  const reader = sides.readerOf(entity);
  let legacyRows = 0;
  let compared = 0;
  for (let after: string | null = null, last = false; !last; ) {
    const page = await reader.idsAfter(after, PAGE);
    const checked = await checkLegacyIds(sides, entity, page.ids);
    legacyRows += checked.keys.size;
    compared += checked.compared;
    seems.add(checked.differences);
    onProgress({ entity: entity.name, compared });
    after = page.ids.at(-1) ?? after;
    last = page.last;
  }
  return { legacyRows, compared, v2Rows: await walkV2(sides, entity, seems) };
}

/**
 * Legacy is asked for the rows of V2's keys, a page at a time: to remember the keys that its own pages named would take a memory that
 * grows with the data.
 */
async function walkV2(sides: BothSides, entity: AnyEntity, seems: Candidates): Promise<number> {
  let v2Rows = 0;
  for (let after: string | null = null; ; ) {
    const page = await statesAfter(sides.v2, 'v2', entity.name, after, PAGE);
    const live = page.filter(([, stored]) => isLive(entity, stored));
    v2Rows += live.length;
    seems.add(await missingInLegacy(sides, entity, live));
    if (page.length < PAGE) return v2Rows;
    after = page.at(-1)?.[0] ?? null;
  }
}

/**
 * Those that stand for no row of legacy: it has none under their id, or the row is another key's. The second is a row that V2 has
 * twice.
 */
async function missingInLegacy(
  sides: BothSides,
  entity: AnyEntity,
  live: readonly (readonly [key: string, stored: StoredState])[],
): Promise<RowDifference[]> {
  const linked = await legacyIdsOf(
    sides.v2,
    entity.name,
    live.map(([key]) => key),
  );
  const ids = new Map(live.map(([key, stored]) => [key, linked.get(key) ?? derivedId(entity, stored)]));
  const asked = [...new Set([...ids.values()].filter((id) => id !== undefined))];
  const { rows, invalid } = await sides.readerOf(entity).rows(asked);
  const there = new Set([...asked.filter((id) => rows.get(id) !== undefined), ...invalid.map(({ id }) => id)]);
  const keys = await keysOf(sides.v2, entity, asked);
  return live.flatMap(([key]) => {
    const id = ids.get(key);
    if (id !== undefined && there.has(id) && keys.get(id) === key) return [];
    return [absent(entity, key, id ?? null, 'missing-in-legacy')];
  });
}

/** The legacy id that follows from the state, where it does. */
function derivedId({ legacy: { identity, canonicalId } }: AnyEntity, { document }: StoredState): string | undefined {
  return identity.type === 'derived' && document !== undefined ? canonicalId(identity.legacyIdOf(document)) : undefined;
}

interface Checked {
  /** Of the rows that legacy has, by legacy id. */
  readonly keys: ReadonlyMap<string, string>;
  readonly compared: number;
  readonly differences: readonly RowDifference[];
}

/** Reads these rows from legacy and holds V2's states and tables against them. */
async function checkLegacyIds(sides: BothSides, entity: AnyEntity, legacyIds: readonly string[]): Promise<Checked> {
  const { rows, invalid } = await sides.readerOf(entity).rows(legacyIds);
  const there = legacyIds.filter((id) => rows.get(id) !== undefined);
  const keys = await keysOf(sides.v2, entity, [...legacyIds]);
  const states = await readStates(sides.v2, 'v2', entity.name, [...keys.values()]);
  const both = there.flatMap((legacyId) => {
    const id = keys.get(legacyId) ?? '';
    const stored = states.get(id);
    const row = rows.get(legacyId);
    return stored !== undefined && row !== undefined && isLive(entity, stored) ? [{ id, legacyId, stored, row }] : [];
  });
  const paired = new Set(both.map(({ legacyId }) => legacyId));
  const missing = there.filter((legacyId) => !paired.has(legacyId));
  return {
    keys: new Map([...there, ...invalid.map(({ id }) => id)].map((legacyId) => [legacyId, keys.get(legacyId) ?? ''])),
    compared: both.length,
    differences: [
      ...invalid.map((row) => unmappable(entity, row, keys.get(row.id) ?? '')),
      ...missing.map((legacyId) => missingInV2(entity, keys.get(legacyId) ?? '', legacyId, rows.get(legacyId))),
      ...(await compareRows(sides, entity, both)),
      ...(await compareTables(sides, entity, both)),
      ...both.filter(({ stored }) => stored.parked).map(({ id, legacyId }) => absent(entity, id, legacyId, 'parked')),
    ],
  };
}

interface Pair {
  readonly id: string;
  readonly legacyId: string;
  readonly stored: StoredState;
  readonly row: LegacyRow;
}

async function compareRows(sides: BothSides, entity: AnyEntity, pairs: readonly Pair[]): Promise<RowDifference[]> {
  const formatted = await formatRows(
    sides.v2,
    entity,
    pairs.map(({ id, legacyId, stored, row }) => ({ id, legacyId, state: stored.document, row })),
  );
  return pairs.flatMap(({ id, legacyId, row }) => {
    const made = formatted.get(id);
    const details =
      made === undefined || made instanceof Error
        ? [{ path: '(whole row)', legacy: row, v2: made?.message ?? 'no primary port' }]
        : differences(row, made, { ignores: entity.legacy.compare.ignores }).map(({ path, left, right }) => ({
            path,
            legacy: left,
            v2: right,
          }));
    return details.length === 0
      ? []
      : [{ entity: entity.name, key: id, legacyId, kind: 'different' as const, details }];
  });
}

/** The tables that callers read must say what the states say. */
async function compareTables(
  sides: BothSides,
  entity: AnyEntity,
  pairs: readonly Pick<Pair, 'id' | 'legacyId' | 'stored'>[],
): Promise<RowDifference[]> {
  const found: RowDifference[] = [];
  for (const projection of entity.projections) {
    const expected = pairs.flatMap(({ id, stored }) => projection.rows(stored.document, id));
    const { table, key, columns } = projection;
    const differing = await differingKeys(
      sides.v2,
      { schema: 'v2', table, key, columns },
      pairs.map(({ id }) => id),
      expected,
    );
    for (const id of differing) {
      const legacyId = pairs.find((pair) => pair.id === id)?.legacyId ?? null;
      const details = [
        { path: `v2.${table}`, legacy: null, v2: 'rows are not those of the state; `banyan parked list`' },
      ];
      found.push({ entity: entity.name, key: id, legacyId, kind: 'rows-differ', details });
    }
  }
  return found;
}

export interface LookedAgain {
  readonly differences: readonly RowDifference[];
  /** Rows that were compared now, and could not be before. */
  readonly compared: number;
}

/** Looks again at keys that seemed to differ, a page at a time. */
export async function lookAgain(
  sides: BothSides,
  entity: AnyEntity,
  candidates: readonly Candidate[],
  found: (again: LookedAgain) => void,
): Promise<void> {
  for (let at = 0; at < candidates.length; at += PAGE) {
    found(await lookAgainAt(sides, entity, candidates.slice(at, at + PAGE)));
  }
}

async function lookAgainAt(
  sides: BothSides,
  entity: AnyEntity,
  candidates: readonly Candidate[],
): Promise<LookedAgain> {
  const keys = candidates.map(({ key }) => key);
  const linked = await legacyIdsOf(sides.v2, entity.name, keys);
  const idOf = ({ key, legacyId }: Candidate): string | null => legacyId ?? linked.get(key) ?? null;
  const ids = new Set(candidates.map(idOf).filter((id) => id !== null));
  const again = await checkLegacyIds(sides, entity, [...ids]);
  const unlike = new Set(again.differences.map(({ legacyId }) => legacyId));
  // A link may have come meanwhile: what legacy has was compared under the key that the row has now.
  const apart = candidates.filter((one) => again.keys.get(idOf(one) ?? '') !== one.key);
  const states = await readStates(
    sides.v2,
    'v2',
    entity.name,
    apart.map(({ key }) => key),
  );
  const living = [...states].filter(([, stored]) => isLive(entity, stored));
  const compared = candidates.filter(
    (one) => one.missingInV2 && !unlike.has(idOf(one)) && again.keys.has(idOf(one) ?? ''),
  );
  return {
    differences: [...again.differences, ...(await missingInLegacy(sides, entity, living))],
    compared: compared.length,
  };
}

function isLive(entity: AnyEntity, stored: StoredState): boolean {
  return stored.document !== undefined && livenessOf(entity, stored.document) === 'live';
}

function absent(entity: AnyEntity, key: string, legacyId: string | null, kind: RowDifference['kind']): RowDifference {
  return { entity: entity.name, key, legacyId, kind, details: [] };
}

/** Not in V2, and if the mapping is why, it says so. */
function missingInV2(entity: AnyEntity, key: string, legacyId: string, row: LegacyRow | undefined): RowDifference {
  try {
    if (row !== undefined) entity.legacy.importRow(row, { id: key, idOf: importedId });
  } catch (error) {
    if (error instanceof UnmappableRow) return unmappable(entity, { id: legacyId, error }, key);
    throw error;
  }
  return absent(entity, key, legacyId, 'missing-in-v2');
}

function unmappable(entity: AnyEntity, { id, error }: InvalidRow, key: string): RowDifference {
  const details = [{ path: error.column, legacy: error.value, v2: error.reason }];
  return { entity: entity.name, key, legacyId: id, kind: 'unmappable', details };
}
