import { type Difference, differences } from '@banyan/compare';
import type { DomainEvent } from '@banyan/contracts';
import { importedId } from '@banyan/core';
import type { EntityDefinition } from '../entity.js';
import { UnmappableRow } from '../legacy-definition.js';
import type { LegacyRow } from '../legacy-row.js';
import { type AnyPort, isTransactional } from '../port.js';
import { primaryPortOf } from '../primary-port.js';
import { checkLawOfRestating } from './law-of-restating.js';
import { deliverTwice, EMPTY_LEDGER } from './ledger.js';
import { requireEqual, text } from './require-equal.js';

export interface LossManifest {
  readonly entity: string;
  /** Rows for which the law holds. */
  readonly rows: number;
  /** Every declared loss, and in how many rows it shows; undefined = it has no path, so no row can show it. */
  readonly losses: readonly { readonly name: string; readonly reason: string; readonly rows: number | undefined }[];
  /** Ports that are not primary, over the same rows; see `checkFurtherPort`. */
  readonly further: readonly string[];
  /** Rows that `importRow` does not carry over; a backfill counts them as invalid. */
  readonly unmappable: readonly { readonly legacyId: string; readonly error: UnmappableRow }[];
}

/**
 * The law of a port: for every canonical legacy row, `format(importRow(row))` equals the row, except for losses declared by
 * name. Throws with row, port, path and both values where it does not hold, and for the smaller laws it stands on: a
 * canonical row stays what it is when it is read again, its id is canonical, references are declared, the id that a state
 * derives is the row's, a restatement leaves the state it was made of.
 *
 * A port that is not primary has no `importRow` to be the inverse of. Of it is checked, over the states that the rows give: `format` is
 * pure, its references are declared, and the row that it makes is canonical in its own target's eyes. A row that came back otherwise
 * than it was written would be taken for somebody else's by the next send. What it means is for its own tests to say.
 */
export function checkLawOfThePort<S, E extends DomainEvent, R extends LegacyRow>(
  entity: EntityDefinition<S, E, R>,
  rows: readonly R[],
): LossManifest {
  if (rows.length === 0) throw new Error(`No ${entity.name} rows were given: the law would hold of nothing.`);
  const { losses } = entity.legacy.compare;
  const shown = new Map(losses.map(({ name }) => [name, 0]));
  const unmappable: { legacyId: string; error: UnmappableRow }[] = [];
  for (const row of rows) {
    try {
      const lossy = new Set(checkRow(entity, row).map((difference) => nameOfLoss(entity, row, difference)));
      for (const name of lossy) shown.set(name, (shown.get(name) ?? 0) + 1);
    } catch (error) {
      if (!(error instanceof UnmappableRow)) throw error;
      unmappable.push({ legacyId: entity.legacy.idOf(row), error });
    }
  }
  return {
    entity: entity.name,
    rows: rows.length - unmappable.length,
    losses: losses.map(({ name, reason, path }) => ({
      name,
      reason,
      rows: path === undefined ? undefined : shown.get(name),
    })),
    further: entity.legacy.ports.filter(({ primary }) => !primary).map(({ name }) => name),
    unmappable,
  };
}

/** The manifest, for people. */
export function manifestText({ entity, rows, losses, further, unmappable }: LossManifest): string {
  return [
    `${entity}: the law of the port holds for ${rows} rows`,
    ...losses.map(
      (loss) => `  loss ${loss.name}${loss.rows === undefined ? '' : ` (in ${loss.rows} rows)`}: ${loss.reason}`,
    ),
    ...further.map((port) => `  port ${port}: every row it makes of them reads back as it is written`),
    ...unmappable.map(({ legacyId, error }) => `  not mappable ${legacyId}: ${error.message}`),
  ].join('\n');
}

function checkRow<S, E extends DomainEvent, R extends LegacyRow>(
  entity: EntityDefinition<S, E, R>,
  row: R,
): readonly Difference[] {
  const { legacy } = entity;
  const legacyId = legacy.idOf(row);
  const id = importedId(entity.name, legacyId);
  const what = `${entity.name} ${legacyId}`;
  requireEqual(legacy.reader.canonical(row), row, `${what} is not canonical`);

  const refs = legacy.refsOfRow(row).map((ref) => ({ ...ref, id: importedId(ref.entity, ref.legacyId) }));
  const ref = (test: (candidate: (typeof refs)[number]) => boolean, wanted: string) => {
    const found = refs.find(test);
    if (found === undefined) throw new Error(`${what} asks for ${wanted}, which refsOfRow does not declare.`);
    return found;
  };
  const event = legacy.importRow(row, {
    id,
    idOf: (other, of) => ref((found) => found.entity === other && found.legacyId === of, `${other} ${of}`).id,
  });
  requireEqual(legacy.canonicalId(legacyId), legacyId, `${what}: its id is not canonical`);
  const { state } = deliverTwice<S>(entity, id, EMPTY_LEDGER, event);
  if (state === undefined) throw new Error(`${what}: its import leaves no state.`);
  if (entity.restated !== undefined) checkLawOfRestating(entity, [state]);
  if (legacy.identity.type === 'derived') {
    requireEqual(legacy.identity.legacyIdOf(state), legacyId, `${what}: the id derived from its state`);
  }
  const formatted = (port: AnyPort): LegacyRow => {
    const declared = port.refsOf(state);
    return port.format(state, {
      id,
      legacyId,
      legacyIdOf(other, of) {
        if (!declared.some((found) => found.entity === other && found.id === of)) {
          throw new Error(`${what}: port ${port.name} asks for ${other} ${of}, which refsOf does not declare.`);
        }
        return ref((found) => found.entity === other && found.id === of, `${other} ${of}`).legacyId;
      },
    });
  };
  for (const port of legacy.ports) checkFurtherPort(port, what, formatted);
  return differences(formatted(primaryPortOf(entity)), row);
}

function checkFurtherPort(port: AnyPort, what: string, formatted: (port: AnyPort) => LegacyRow): void {
  if (!isTransactional(port.target)) return;
  const row = formatted(port);
  const where = `${what}, port ${port.name}`;
  requireEqual(formatted(port), row, `${where}: format is not pure`);
  requireEqual(port.target.canonical(row), row, `${where}: the row it makes is not canonical`);
}

function nameOfLoss<S, E extends DomainEvent, R extends LegacyRow>(
  entity: EntityDefinition<S, E, R>,
  row: R,
  { path, left, right }: Difference,
): string {
  const anywhere = path.replace(/\[\d+\]/g, '[]');
  const loss = entity.legacy.compare.losses.find((candidate) => candidate.path === path || candidate.path === anywhere);
  if (loss !== undefined) return loss.name;
  throw new Error(
    `${entity.name} ${entity.legacy.idOf(row)} breaks the law of the port at ${path}: legacy has ${text(right)}, format wrote ${text(left)}. Mend the mapping, or declare the loss with its path.`,
  );
}
