import { BanyanError, type Clock, type NewId } from '@banyan/core';
import {
  createImporterOver,
  type Importer,
  type ImportResult,
  type PorterApi,
  type ProjectionProgress,
  type StateObserver,
} from '@banyan/importing';
import type { LegacyReader } from '@banyan/legacy';
import type { AnyEntity } from '@banyan/transformer';
import type { LogWriter } from '../log/log-writer.js';
import { problem } from '../problems.js';

export interface AdoptionOptions {
  /** All that are migrated: rows name entities that this process may not serve. */
  readonly entities: readonly AnyEntity[];
  readonly source: string;
  readonly topicPrefix: string;
  readonly log: LogWriter;
  readonly observer: StateObserver;
  readonly progress: ProjectionProgress;
  readonly porter: PorterApi;
  readerOf(entity: AnyEntity): LegacyReader;
  /** Which of these V2 has already. */
  known(entity: AnyEntity, legacyIds: readonly string[]): Promise<ReadonlyMap<string, unknown>>;
  readonly newId: NewId;
  readonly clock: Clock;
  readonly appendDeadlineMs: number;
  readonly outcomeDeadlineMs: number;
}

/** How long a caller waits for sends of the porter to close, milliseconds. */
const WAIT_FOR_INTENTS_MS = 3_000;

/** Imports legacy rows the moment somebody needs them. */
export interface Adoption {
  /**
   * Results by the legacy id that was asked for. What the rows name is adopted as well, so that nothing in V2 names what V2 does not
   * have. Throws `API_LOG_AWAY` and the retryable errors of the importer.
   */
  adopt(entity: AnyEntity, legacyIds: readonly string[]): Promise<ReadonlyMap<string, ImportResult>>;
}

export function createAdoption(options: AdoptionOptions): Adoption {
  const importers = new Map<string, Importer>();
  const importerOf = (entity: AnyEntity): Importer => {
    const known = importers.get(entity.name);
    if (known !== undefined) return known;
    const made = createImporterOver({
      ...options,
      entity,
      origin: 'adoption',
      codec: options.log,
      reader: options.readerOf(entity),
      waitForIntentsMs: WAIT_FOR_INTENTS_MS,
    });
    importers.set(entity.name, made);
    return made;
  };
  // Callers that need the same row at the same time share one import of it.
  const inFlight = new Map<string, Promise<ImportResult>>();

  const adoptOne = (entity: AnyEntity, legacyId: string, batch: () => Promise<ReadonlyMap<string, ImportResult>>) => {
    const name = `${entity.name} ${legacyId}`;
    const running = inFlight.get(name);
    if (running !== undefined) return running;
    const one = batch()
      .then((results) => resultOf(results, legacyId))
      .finally(() => inFlight.delete(name));
    inFlight.set(name, one);
    return one;
  };

  const adoptNamed = async (results: readonly ImportResult[]): Promise<void> => {
    const refs = results.flatMap((result) => (result.key === undefined ? [] : result.refs));
    const byEntity = Map.groupBy(refs, (ref) => ref.entity);
    for (const [name, named] of byEntity) {
      const entity = options.entities.find((each) => each.name === name);
      if (entity === undefined) continue;
      const ids = [...new Set(named.map((ref) => ref.legacyId))];
      const known = await options.known(entity, ids);
      const unknown = ids.filter((id) => !known.has(id));
      if (unknown.length > 0) await adoption.adopt(entity, unknown);
    }
  };

  const adoption: Adoption = {
    adopt: async (entity, legacyIds) => {
      options.log.requireReady();
      const fresh = legacyIds.filter((id) => !inFlight.has(`${entity.name} ${id}`));
      let batch: Promise<ReadonlyMap<string, ImportResult>> | undefined;
      const runBatch = () => {
        batch ??= importerOf(entity)
          .importChunk(fresh.map((legacyId) => ({ legacyId })))
          .then((results) => new Map(results.map((result, index) => [fresh[index] ?? result.legacyId, result])));
        return batch;
      };
      const entries = await Promise.all(
        legacyIds.map(async (id) => [id, await adoptOne(entity, id, runBatch)] as const),
      );
      await adoptNamed(entries.map(([, result]) => result));
      return new Map(entries);
    },
  };
  return adoption;
}

/** The key of an adopted row, or undefined when legacy has none. Throws what stands in the way. */
export function adoptedKey(entity: AnyEntity, result: ImportResult): string | undefined {
  if (result.bucket === 'absent') return undefined;
  if (result.bucket === 'held') {
    throw problem('API_ADOPTION_HELD', `${entity.name} ${result.legacyId} cannot be adopted now: ${result.reason}.`);
  }
  return result.key;
}

/** A row that no import can be made of. */
export function unadoptable(entity: string, legacyId: string, reason: string | undefined): BanyanError {
  return problem('API_REFERENCE_INVALID', `Legacy has ${entity} ${legacyId}, which cannot be carried over: ${reason}.`);
}

function resultOf(results: ReadonlyMap<string, ImportResult>, legacyId: string): ImportResult {
  const result = results.get(legacyId);
  if (result !== undefined) return result;
  throw new BanyanError('API_ADOPTION_LOST', `Legacy id ${legacyId} has no result.`, { data: { legacyId } });
}
