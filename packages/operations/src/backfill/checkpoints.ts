import { BanyanError, type NewId } from '@banyan/core';
import { classify, migrate, type Pool, query } from '@banyan/postgres';
import type { Books } from './books.js';
import { BACKFILL_MIGRATIONS } from './migrations.js';
import type { BackfillPlan } from './plan.js';

export interface Checkpoint {
  /** Last legacy id whose chunk is done; null = none yet. */
  readonly after: string | null;
  /** All ids of this entity were gone through. */
  readonly finished: boolean;
  readonly books: Books;
  /** The epoch that every partition of the entity's topic had when its first row was read. */
  readonly epoch: number;
}

/** Plans, runs and how far they are, in schema `banyan`. */
export interface Checkpoints {
  savePlan(plan: BackfillPlan): Promise<void>;
  /** Throws `BACKFILL_PLAN_UNKNOWN`. */
  plan(hash: string): Promise<BackfillPlan>;
  /** The run of this plan that was interrupted, or a new one. */
  openRun(planHash: string): Promise<{ id: string; resumed: boolean }>;
  read(run: string, entity: string): Promise<Checkpoint | undefined>;
  save(run: string, entity: string, checkpoint: Checkpoint): Promise<void>;
  closeRun(run: string): Promise<void>;
  /** Holds the one place of a running backfill while `work` runs; throws `BACKFILL_ALREADY_RUNS`, `POSTGRES_UNAVAILABLE` (retryable). */
  alone<T>(work: (place: Place) => Promise<T>): Promise<T>;
}

/** The one place of a running backfill. Another run may take it as soon as it is lost: this one has to end. */
export interface Place {
  /** Why it is held no more, by what is known; undefined = it is held. */
  lost(): string | undefined;
  /** Asks PostgreSQL; as `lost`. */
  askLost(): Promise<string | undefined>;
}

export async function openCheckpoints(pool: Pool, newId: NewId): Promise<Checkpoints> {
  await migrate(pool, 'banyan', BACKFILL_MIGRATIONS);
  return {
    async savePlan(plan) {
      await query(pool, 'insert into banyan.plan (hash, body) values ($1, $2) on conflict do nothing', [
        plan.hash,
        JSON.stringify(plan),
      ]);
    },
    async plan(hash) {
      const [row] = await query<{ body: BackfillPlan }>(pool, 'select body from banyan.plan where hash = $1', [hash]);
      if (row !== undefined) return row.body;
      throw new BanyanError(
        'BACKFILL_PLAN_UNKNOWN',
        `No plan has the hash ${hash}; make one with \`banyan backfill plan\`.`,
        { data: { hash } },
      );
    },
    async openRun(planHash) {
      const open = 'select id from banyan.run where plan = $1 and ended_at is null order by started_at desc limit 1';
      const [interrupted] = await query<{ id: string }>(pool, open, [planHash]);
      if (interrupted !== undefined) return { id: interrupted.id, resumed: true };
      const id = newId();
      await query(pool, 'insert into banyan.run (id, plan) values ($1, $2)', [id, planHash]);
      return { id, resumed: false };
    },
    async read(run, entity) {
      const text =
        'select after, finished, books, coalesce(epoch, 0) as epoch from banyan.run_entity where run = $1 and entity = $2';
      return (await query<Checkpoint & object>(pool, text, [run, entity]))[0];
    },
    async save(run, entity, { after, finished, books, epoch }) {
      await query(
        pool,
        `insert into banyan.run_entity (run, entity, after, finished, books, epoch) values ($1, $2, $3, $4, $5, $6)
         on conflict (run, entity) do update set after = excluded.after, finished = excluded.finished, books = excluded.books`,
        [run, entity, after, finished, JSON.stringify(books), epoch],
      );
    },
    async closeRun(run) {
      await query(pool, 'update banyan.run set ended_at = now() where id = $1', [run]);
    },
    alone: (work) => alone(pool, work),
  };
}

/** The lock lives as long as its connection, so a killed run leaves none behind. */
async function alone<T>(pool: Pool, work: (place: Place) => Promise<T>): Promise<T> {
  const connection = await pool.connect().catch((error: unknown) => {
    throw classify(error);
  });
  let why: string | undefined;
  const broke = (error: unknown): string => {
    const words = error instanceof Error ? error.message : String(error);
    why ??= `the connection that held this run's place broke (${words})`;
    return why;
  };
  // A restart of the server breaks the connection while it waits: an 'error' event nobody hears would end the process, and one that
  // is only swallowed would leave two runs in one place.
  connection.on('error', broke);
  try {
    const [row] = await query<{ mine: boolean }>(
      connection,
      `select pg_try_advisory_lock(hashtext('banyan.backfill')) as mine`,
    );
    if (!row?.mine) {
      throw new BanyanError(
        'BACKFILL_ALREADY_RUNS',
        'Another backfill runs on this database; wait for it, or stop it and run again.',
      );
    }
    return await work({
      lost: () => why,
      askLost: async () => why ?? (await connection.query('select 1').then(() => why, broke)),
    });
  } finally {
    connection.release(true);
  }
}
