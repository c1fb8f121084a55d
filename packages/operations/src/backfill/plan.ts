import { createHash } from 'node:crypto';
import { rowHash } from '@banyan/compare';
import { importedId } from '@banyan/core';
import type { InvalidRow, ReadRows } from '@banyan/legacy';
import { readStates } from '@banyan/postgres';
import { type AnyEntity, UnmappableRow } from '@banyan/transformer';
import type { BothSides } from '../context.js';
import { keysOf } from '../verify/v2-view.js';

const PAGE = 500;

export interface InvalidReason {
  readonly legacyId: string;
  readonly column: string;
  readonly value: unknown;
  readonly reason: string;
}

export interface EntityPlan {
  readonly entity: string;
  readonly transformerVersion: number;
  readonly sourceRows: number;
  /** Rows whose key V2 knows already. */
  readonly known: number;
  readonly invalid: readonly InvalidReason[];
}

export interface BackfillPlan {
  /** Of the source rows and of the code that would carry them: what was looked at when somebody said yes. */
  readonly hash: string;
  readonly entities: readonly EntityPlan[];
}

/** Reads all of legacy and runs the real transformers over it. Writes nothing anywhere. */
export async function planBackfill(
  sides: BothSides,
  onProgress: (seen: { entity: string; rows: number }) => void = () => undefined,
): Promise<BackfillPlan> {
  const fingerprint = createHash('sha256');
  const entities: EntityPlan[] = [];
  for (const entity of sides.entities) {
    fingerprint.update(`${entity.name} ${entity.version}\n`);
    entities.push(await planEntity(sides, entity, (line) => fingerprint.update(line), onProgress));
  }
  return { hash: fingerprint.digest('hex').slice(0, 16), entities };
}

async function planEntity(
  sides: BothSides,
  entity: AnyEntity,
  note: (line: string) => void,
  onProgress: (seen: { entity: string; rows: number }) => void,
): Promise<EntityPlan> {
  const reader = sides.readerOf(entity);
  const invalid: InvalidReason[] = [];
  let sourceRows = 0;
  let known = 0;
  for (let after: string | null = null, last = false; !last; ) {
    const page = await reader.idsAfter(after, PAGE);
    const read = page.read ?? (await reader.rows(page.ids));
    for (const id of page.ids) note(`${id} ${rowFingerprint(read, id)}\n`);
    invalid.push(...invalidRows(entity, read));
    const keys = await keysOf(sides.v2, entity, page.ids);
    const states = await readStates(sides.v2, 'v2', entity.name, [...keys.values()]);
    sourceRows += page.ids.length;
    known += states.size;
    onProgress({ entity: entity.name, rows: sourceRows });
    after = page.ids.at(-1) ?? after;
    last = page.last;
  }
  return { entity: entity.name, transformerVersion: entity.version, sourceRows, known, invalid };
}

function rowFingerprint(read: ReadRows, id: string): string {
  const row = read.rows.get(id);
  return row === undefined ? 'unmappable' : rowHash(row);
}

function invalidRows(entity: AnyEntity, read: ReadRows): InvalidReason[] {
  const found = read.invalid.map(({ id, error }: InvalidRow) => reasonOf(id, error));
  for (const [id, row] of read.rows) {
    if (row === undefined) continue;
    try {
      entity.legacy.importRow(row, { id: importedId(entity.name, id), idOf: importedId });
    } catch (error) {
      if (!(error instanceof UnmappableRow)) throw error;
      found.push(reasonOf(id, error));
    }
  }
  return found;
}

function reasonOf(legacyId: string, { column, value, reason }: UnmappableRow): InvalidReason {
  return { legacyId, column, value, reason };
}
