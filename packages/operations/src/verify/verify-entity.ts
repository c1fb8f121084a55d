import { differences } from '@banyan/compare';
import { importedId } from '@banyan/core';
import type { InvalidRow } from '@banyan/legacy';
import { differingKeys, readStates, type StoredState, statesAfter } from '@banyan/postgres';
import { type AnyEntity, type LegacyRow, livenessOf, UnmappableRow } from '@banyan/transformer';
import type { BothSides } from '../context.js';
import { formatRows, keysOf, legacyIdsOf } from './v2-view.js';
import type { EntityVerdict, RowDifference } from './verdict.js';

const PAGE = 500;

export interface Seen {
  /** Rows held against each other so far, all entities. */
  readonly compared: number;
  readonly entity: string;
}

/** Goes through all of legacy and all of V2 once. What differs may still be the lag; the caller looks again. */
export async function verifyEntity(
  sides: BothSides,
  entity: AnyEntity,
  onProgress: (seen: Seen) => void,
): Promise<EntityVerdict> {
  const reader = sides.readerOf(entity);
  const met = new Set<string>();
  const found: RowDifference[] = [];
  let legacyRows = 0;
  let compared = 0;
  for (let after: string | null = null, last = false; !last; ) {
    const page = await reader.idsAfter(after, PAGE);
    const checked = await checkLegacyIds(sides, entity, page.ids);
    for (const key of checked.keys) met.add(key);
    legacyRows += checked.legacyRows;
    compared += checked.compared;
    found.push(...checked.differences);
    onProgress({ entity: entity.name, compared });
    after = page.ids.at(-1) ?? after;
    last = page.last;
  }
  const rest = await checkKeysNotMet(sides, entity, met);
  return {
    entity: entity.name,
    legacyRows,
    v2Rows: rest.v2Rows,
    compared,
    differences: [...found, ...rest.differences],
  };
}

interface Checked {
  readonly keys: readonly string[];
  readonly legacyRows: number;
  readonly compared: number;
  readonly differences: readonly RowDifference[];
}

/** Reads these rows from legacy and holds V2's states and tables against them. */
export async function checkLegacyIds(
  sides: BothSides,
  entity: AnyEntity,
  legacyIds: readonly string[],
): Promise<Checked> {
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
    keys: [...there, ...invalid.map(({ id }) => id)].map((legacyId) => keys.get(legacyId) ?? ''),
    legacyRows: there.length + invalid.length,
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

async function checkKeysNotMet(
  sides: BothSides,
  entity: AnyEntity,
  met: ReadonlySet<string>,
): Promise<{ v2Rows: number; differences: RowDifference[] }> {
  const found: RowDifference[] = [];
  let v2Rows = 0;
  for (let after: string | null = null; ; ) {
    const page = await statesAfter(sides.v2, 'v2', entity.name, after, PAGE);
    const live = page.filter(([, stored]) => isLive(entity, stored));
    v2Rows += live.length;
    const unmet = live.filter(([key]) => !met.has(key)).map(([key]) => key);
    const legacyIds = await legacyIdsOf(sides.v2, entity.name, unmet);
    found.push(...unmet.map((key) => absent(entity, key, legacyIds.get(key) ?? null, 'missing-in-legacy')));
    if (page.length < PAGE) return { v2Rows, differences: found };
    after = page.at(-1)?.[0] ?? null;
  }
}

/** Looks again at one key that seemed to differ. */
export async function checkAgain(
  sides: BothSides,
  entity: AnyEntity,
  difference: RowDifference,
): Promise<readonly RowDifference[]> {
  const legacyIds = await legacyIdsOf(sides.v2, entity.name, [difference.key]);
  const legacyId = difference.legacyId ?? legacyIds.get(difference.key) ?? null;
  if (legacyId !== null) {
    const again = await checkLegacyIds(sides, entity, [legacyId]);
    if (again.legacyRows > 0) return again.differences;
  }
  const stored = (await readStates(sides.v2, 'v2', entity.name, [difference.key])).get(difference.key);
  if (stored === undefined || !isLive(entity, stored)) return [];
  return [absent(entity, difference.key, legacyId, 'missing-in-legacy')];
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
