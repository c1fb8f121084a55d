import { setTimeout as delay } from 'node:timers/promises';
import { BanyanError, isBanyanError } from '@banyan/core';
import type { IdPage } from '@banyan/legacy';
import { epochOf } from '@banyan/postgres';
import type { AnyEntity } from '@banyan/transformer';
import type { BothSides } from '../context.js';
import { addChunk, type Books, type Bucket, emptyBooks, isDone } from './books.js';
import type { Checkpoint, Checkpoints, Place } from './checkpoints.js';
import type { BackfillPlan } from './plan.js';
import { vanishedIds } from './vanished.js';

/** What became of one legacy id; `absent` = its row was gone when it was read, and that was imported. */
export interface ChunkResult {
  readonly legacyId: string;
  readonly bucket: Bucket | 'absent';
  readonly reason?: string;
}

/** Imports some rows of one entity by the import protocol. */
export type ImportChunk = (
  entity: AnyEntity,
  ids: readonly string[],
  read?: IdPage['read'],
) => Promise<readonly ChunkResult[]>;

export interface BackfillOptions {
  readonly checkpoints: Checkpoints;
  readonly importChunk: ImportChunk;
  /** Rows per chunk; the run can be stopped and goes on at a chunk. Default 200. */
  readonly chunkRows?: number;
  /** Asked between chunks; true = stop, resumable. */
  readonly interrupted?: () => boolean;
  readonly onProgress?: (books: Books) => void;
  /** Told why the run waits: what it needs is away, and the same chunk is tried again. */
  readonly onWait?: (reason: string) => void;
}

export interface BackfillRun {
  readonly run: string;
  readonly plan: string;
  readonly resumed: boolean;
  readonly books: readonly Books[];
  /** Keys that V2 knew and legacy no longer has: their absence was imported. */
  readonly vanished: number;
  /** Rows that were not imported, and why: the first hundred. */
  readonly notImported: readonly (ChunkResult & { readonly entity: string })[];
  /** Books balance, nothing is held, nothing was interrupted. */
  readonly done: boolean;
  readonly interrupted: boolean;
  /** Why it was interrupted, where nobody asked for it. */
  readonly reason?: string;
}

/**
 * Carries a plan out, or goes on with it where it was interrupted. Safe to repeat: the log's fold decides what is new.
 * Throws `BACKFILL_PLAN_STALE` when the code is another than at the plan.
 */
export async function runBackfill(
  sides: BothSides,
  plan: BackfillPlan,
  options: BackfillOptions,
): Promise<BackfillRun> {
  const entities = plannedEntities(sides, plan);
  return options.checkpoints.alone(async (place) => {
    const { id: run, resumed } = await options.checkpoints.openRun(plan.hash);
    const outcome = { books: [] as Books[], vanished: 0, notImported: [] as (ChunkResult & { entity: string })[] };
    const stop = (): boolean => place.lost() !== undefined || (options.interrupted?.() ?? false);
    const inPlace = { ...options, interrupted: stop, checkpoints: savedInPlace(options.checkpoints, place) };
    await untilLost(place, async () => {
      for (const entity of entities) {
        if (stop()) return;
        const { books, vanished } = await runEntity(sides, entity, run, inPlace, (result) => {
          if (outcome.notImported.length < 100) outcome.notImported.push({ ...result, entity: entity.name });
        });
        outcome.books.push(books);
        outcome.vanished += vanished;
      }
      if (!stop()) await options.checkpoints.closeRun(run);
    });
    const interrupted = stop();
    const reason = place.lost();
    const done = !interrupted && outcome.books.length === entities.length && outcome.books.every(isDone);
    const why = reason === undefined ? {} : { reason };
    return { run, plan: plan.hash, resumed, ...outcome, done, interrupted, ...why };
  });
}

/** A run that has lost its place writes no place down: the next one may have taken it, and be further. */
function savedInPlace(checkpoints: Checkpoints, place: Place): Checkpoints {
  const save: Checkpoints['save'] = async (...checkpoint) => {
    if (place.lost() === undefined) await checkpoints.save(...checkpoint);
  };
  return { ...checkpoints, save };
}

/** What fails because PostgreSQL went away fails with the place: that is an interruption, and resumable. */
async function untilLost(place: Place, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const mayHeal = isBanyanError(error) && error.retryable;
    if (!mayHeal || (await place.askLost()) === undefined) throw error;
  }
}

async function runEntity(
  sides: BothSides,
  entity: AnyEntity,
  run: string,
  options: BackfillOptions,
  tell: (result: ChunkResult) => void,
): Promise<{ books: Books; vanished: number }> {
  const reader = sides.readerOf(entity);
  let at = (await options.checkpoints.read(run, entity.name)) ?? (await firstCheckpoint(sides, entity));
  while (!at.finished && !options.interrupted?.()) {
    const page = await patiently(options, () => reader.idsAfter(at.after, options.chunkRows ?? 200));
    if (page === undefined) break;
    const results = await patiently(options, () => options.importChunk(entity, page.ids, page.read));
    if (results === undefined) break;
    for (const result of results) if (result.bucket === 'held' || result.bucket === 'invalid') tell(result);
    const gone = results.filter(({ bucket }) => bucket === 'absent').length;
    const buckets = results.flatMap(({ bucket }) => (bucket === 'absent' ? [] : [bucket]));
    at = {
      after: page.ids.at(-1) ?? at.after,
      finished: page.last,
      epoch: at.epoch,
      books: addChunk(at.books, page.ids.length - gone, buckets),
    };
    // Killed before this line the chunk is read again; its rows are then `unchanged`, and counted once all the same.
    await options.checkpoints.save(run, entity.name, at);
    options.onProgress?.(at.books);
  }
  return { books: at.books, vanished: at.finished ? await importVanished(sides, entity, options) : 0 };
}

/** Taken before the first row is read: a move that comes in between makes the run one of the epoch before it. */
async function firstCheckpoint(sides: BothSides, { name }: AnyEntity): Promise<Checkpoint> {
  const epoch = await epochOf(sides.v2, 'v2', name);
  return { after: null, finished: false, books: emptyBooks(name), epoch };
}

/** What V2 holds of legacy's and legacy no longer has. It keeps no place: a second look over what is done finds nothing. */
async function importVanished(sides: BothSides, entity: AnyEntity, options: BackfillOptions): Promise<number> {
  let count = 0;
  await patiently(options, async () => {
    for await (const ids of vanishedIds(sides, entity)) {
      if (options.interrupted?.()) break;
      const results = await options.importChunk(entity, ids);
      count += results.filter(({ bucket }) => bucket === 'absent').length;
    }
  });
  return count;
}

/** Tries again while what fails may heal; undefined = interrupted meanwhile. A chunk that is repeated imports nothing twice. */
async function patiently<T>(options: BackfillOptions, work: () => Promise<T>): Promise<T | undefined> {
  for (let attempt = 0; !options.interrupted?.(); attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isBanyanError(error) || !error.retryable) throw error;
      options.onWait?.(`${error.code}: ${error.message}`);
      await delay(Math.min(500 * 2 ** attempt, 10_000));
    }
  }
  return undefined;
}

function plannedEntities(sides: BothSides, plan: BackfillPlan): readonly AnyEntity[] {
  return plan.entities.map(({ entity: name, transformerVersion }) => {
    const entity = sides.entities.find((one) => one.name === name);
    if (entity?.version === transformerVersion) return entity;
    throw new BanyanError(
      'BACKFILL_PLAN_STALE',
      `Plan ${plan.hash} was made with version ${transformerVersion} of ${name}, this is version ${entity?.version ?? 'none'}; plan again.`,
      { data: { entity: name, planned: transformerVersion, present: entity?.version } },
    );
  });
}
