import { BanyanError, importedId } from '@banyan/core';
import { type AnyEntity, UnmappableRow } from '@banyan/transformer';
import { GivenUp } from './given-up.js';
import { importRound } from './import-round.js';
import type { Importer, ImporterOptions, ImportItem, ImportResult, ImportTools, Work } from './import-types.js';
import { observeStates } from './state-observer.js';

/** Looks at a key again this often before it is given up as `held`. */
const ROUNDS = 8;

/** The import protocol for one entity and one origin: adoption, capture and backfill differ in nothing else. */
export function createImporter({ pool, ...options }: ImporterOptions): Importer {
  return createImporterOver({ ...options, observer: observeStates(pool) });
}

/** The same over any view of V2. */
export function createImporterOver(options: Omit<ImportTools, 'givenUp'>): Importer {
  const tools: ImportTools = { ...options, givenUp: new GivenUp() };
  const { entity } = tools;
  return {
    importChunk: async (items) => {
      const asked = items.map((item) => canonical(entity, item));
      const results = new Map<string, ImportResult>();
      let pending = new Map<string, Work>();
      for (const one of asked) if (!('bucket' in one)) pending.set(one.legacyId, one);
      for (let round = 0; round < ROUNDS && pending.size > 0; round += 1) {
        const again = new Map<string, Work>();
        for (const [id, result] of await importRound(tools, [...pending.values()])) {
          if (result.type === 'done') results.set(id, result.result);
          else again.set(id, result.work);
        }
        pending = again;
      }
      for (const [id, { key }] of pending) {
        const reason = `${entity.name} ${key} changed ${ROUNDS} times while it was imported; import it again`;
        results.set(id, { legacyId: id, key, bucket: 'held', reason, refs: [] });
      }
      return asked.map((one) => ('bucket' in one ? one : resultOf(results, one.legacyId)));
    },
  };
}

/** The id to begin with; invalid when no row of the entity can have it. */
function canonical(entity: AnyEntity, { legacyId, row }: ImportItem): Work | ImportResult {
  try {
    const id = row === undefined ? entity.legacy.canonicalId(legacyId) : entity.legacy.idOf(row);
    return { legacyId: id, key: importedId(entity.name, id), row };
  } catch (error) {
    if (!(error instanceof UnmappableRow || error instanceof BanyanError)) throw error;
    return { legacyId, bucket: 'invalid', reason: error.message, refs: [] };
  }
}

function resultOf(results: ReadonlyMap<string, ImportResult>, id: string): ImportResult {
  const result = results.get(id);
  if (result === undefined)
    throw new BanyanError('IMPORT_LOST_ROW', `Legacy id ${id} has no result.`, { data: { id } });
  return result;
}
