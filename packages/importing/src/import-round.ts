import { topicName } from '@banyan/contracts';
import { BanyanError, FIRST_AUTHORITY, type KeyState, NEVER_SEEN } from '@banyan/core';
import type { ReadRows } from '@banyan/legacy';
import { type LegacyRow, topicOf } from '@banyan/transformer';
import { type KeyOf, type Observed, type Publication, planImport, type ReadWork } from './import-decision.js';
import type { ImportTools, RoundResult, Work } from './import-types.js';
import { publishImports } from './publish-imports.js';
import { keysOfRows, type RowKey } from './row-keys.js';
import { commonEpoch } from './state-observer.js';

/** The five steps of the import protocol, once, for ids that differ. Results by the id that was asked for. */
export async function importRound(
  tools: ImportTools,
  works: readonly Work[],
): Promise<ReadonlyMap<string, RoundResult>> {
  const { entity, observer, log } = tools;
  // 1. The epoch, and 2. the versions, owners and hashes of the keys: all before any row is read.
  const authorities = await observer.authorities(entity.name);
  const epoch = commonEpoch(authorities);
  const keys = works.map((work) => work.key);
  const states = await observer.keyStates(entity.name, keys);
  // 3.
  const read = await readBehind(tools, works, states);
  // 4.
  const keyOf = await keysNamedBy(tools, read);
  // 5.
  const results = new Map<string, RoundResult>();
  const publications: Publication[] = [];
  const topic = topicName(tools.topicPrefix, topicOf(entity));
  for (const one of read) {
    const observed: Observed = {
      epoch,
      authority: authorities.get(await log.partitionOf(topic, one.work.key)) ?? FIRST_AUTHORITY,
      keyState: states.get(one.work.key) ?? NEVER_SEEN,
      // An adoption is asked for by callers, who also make typing errors; the others ask for ids that legacy has listed.
      ignoreUnseenAbsence: tools.origin === 'adoption',
    };
    const plan = planImport(entity, one, observed, keyOf);
    if (plan.type === 'publish') publications.push(plan.publication);
    else results.set(one.work.legacyId, plan);
  }
  for (const [id, result] of await publishImports(tools, publications)) results.set(id, result);
  return results;
}

async function readBehind(
  { entity, reader }: ImportTools,
  works: readonly Work[],
  states: ReadonlyMap<string, KeyState>,
): Promise<readonly ReadWork[]> {
  // A row that came with its id was read before the observation: good enough for a key that nobody has seen.
  const asGiven = (work: Work): boolean => work.row !== undefined && !states.has(work.key);
  const again = works.filter((work) => !asGiven(work)).map((work) => work.legacyId);
  const read: ReadRows = again.length === 0 ? { rows: new Map(), invalid: [] } : await reader.rows(again);
  const invalid = new Map(read.invalid.map(({ id, error }) => [id, error.message]));
  return works.map((work) => {
    const row: LegacyRow | undefined = asGiven(work) ? work.row : read.rows.get(work.legacyId);
    // The id is the one in the row, never the one that was asked with.
    const legacyId = row === undefined ? work.legacyId : entity.legacy.idOf(row);
    const refs = row === undefined ? [] : entity.legacy.refsOfRow(row);
    return { work, row, legacyId, refs, invalid: invalid.get(work.legacyId) };
  });
}

/** Keys of the rows and of everything they name: a row that an open send may have made can be named by another entity's row too. */
async function keysNamedBy(tools: ImportTools, read: readonly ReadWork[]): Promise<KeyOf> {
  const { entity, entities, porter, waitForIntentsMs = 10_000 } = tools;
  const named = new Map<string, Set<string>>();
  const add = (name: string, legacyId: string): void => {
    named.set(name, (named.get(name) ?? new Set()).add(legacyId));
  };
  for (const { legacyId, refs, invalid } of read) {
    if (invalid !== undefined) continue;
    add(entity.name, legacyId);
    for (const ref of refs) add(ref.entity, ref.legacyId);
  }
  const keys = new Map<string, ReadonlyMap<string, RowKey>>();
  await Promise.all(
    [...named].map(async ([name, ids]) => {
      const definition = name === entity.name ? entity : entities.find((each) => each.name === name);
      if (definition === undefined) throw unknownEntity(entity.name, name);
      keys.set(name, await keysOfRows({ porter, waitForIntentsMs }, definition, [...ids]));
    }),
  );
  return (name, legacyId) => {
    const key = keys.get(name)?.get(legacyId);
    // `importRow` asked for something that `refsOfRow` did not declare.
    if (key === undefined) throw undeclared(entity.name, name, legacyId);
    return key;
  };
}

function unknownEntity(entity: string, name: string): BanyanError {
  return new BanyanError(
    'IMPORT_ENTITY_UNKNOWN',
    `Rows of ${entity} name ${name}, which is not among the entities of this process; run it too.`,
    { data: { entity, name } },
  );
}

function undeclared(entity: string, name: string, legacyId: string): BanyanError {
  return new BanyanError(
    'IMPORT_REFERENCE_UNDECLARED',
    `importRow of ${entity} asked for ${name} ${legacyId}, which refsOfRow does not name; add it there.`,
    { data: { entity, name, legacyId } },
  );
}
