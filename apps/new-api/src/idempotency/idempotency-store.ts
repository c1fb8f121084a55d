import type { BanyanError, NewId } from '@banyan/core';
import type { Position } from '@banyan/kafka';
import { execute, gather, type Pool, query } from '@banyan/postgres';
import { KEPT_DAYS } from '../api-schema.js';
import type { Journal } from '../commands/journal.js';
import type { PendingEvent } from '../commands/pending-event.js';
import type { Answer } from '../http/answer.js';
import { problem } from '../problems.js';
import { orNotReady } from '../store/not-ready.js';
import { answerOf, type IdempotencyRow, pendingOf } from './idempotency-row.js';
import { ACKNOWLEDGE, answerRow, FINISH, LOOK, NOTE, noteRow, RELEASE, RENEW, TAKE } from './idempotency-statements.js';

/** A try that has not answered is taken over when it has not renewed for so long, milliseconds. */
const LEASE_MS = 15_000;
const RENEW_MS = 5_000;
const STORE = 'The store of idempotency keys';
const REMEDY = 'new-api is making it; ask again';

/** What an Idempotency-Key means for a request: work to do, or an answer that was given. */
export type Begun =
  | { readonly type: 'work'; readonly journal: Journal & { close(): void } }
  | { readonly type: 'answered'; readonly answer: Answer };

/** One try's hold on a key. */
interface Held {
  readonly key: string;
  readonly holder: string;
}

interface Wanted extends Held {
  readonly requestHash: string;
}

/** What a key was found to be: the try's own from now on, or somebody else's. */
interface Found {
  readonly taken: IdempotencyRow | undefined;
  readonly other: IdempotencyRow | undefined;
}

const keysOf = (all: readonly Held[]) => all.map(({ key }) => key);
const holdersOf = (all: readonly Held[]) => all.map(({ holder }) => holder);

/**
 * Idempotency keys in schema `api`: what a try stores here, another process can finish. Those of many requests are written by one
 * statement, and committed at one go; each request goes on when its own is.
 */
export class IdempotencyStore {
  private readonly take: (wanted: Wanted) => Promise<Found>;
  /** False = another try has taken the key over: whatever this one still does, it must not append something new. */
  private readonly note: (one: Held & { readonly pending: PendingEvent }) => Promise<boolean>;
  private readonly acknowledge: (one: Held & { readonly position: Position }) => Promise<unknown>;
  private readonly finish: (one: Held & { readonly answer: Answer }) => Promise<unknown>;
  private readonly release: (one: Held & { readonly dropPending: boolean }) => Promise<unknown>;

  constructor(
    private readonly pool: Pool,
    private readonly newId: NewId,
  ) {
    const rows = (statement: string, ...values: unknown[]) => query<IdempotencyRow & object>(pool, statement, values);
    const byKey = (found: readonly IdempotencyRow[]) => new Map(found.map((row) => [row.key, row]));
    this.take = gather({
      keyOf: ({ key }) => key,
      run: async (all) => {
        const hashes = all.map(({ requestHash }) => requestHash);
        const taken = byKey(await rows(TAKE, keysOf(all), hashes, holdersOf(all), LEASE_MS));
        const missed = all.filter(({ key }) => !taken.has(key));
        const others = byKey(missed.length === 0 ? [] : await rows(LOOK, keysOf(missed)));
        return all.map(({ key }) => ({ taken: taken.get(key), other: others.get(key) }));
      },
    });
    this.note = gather({
      keyOf: ({ key }) => key,
      run: async (all) => {
        const given = all.map(({ key, holder, pending }) => ({ key, holder, ...noteRow(pending) }));
        const noted = byKey(await rows(NOTE, JSON.stringify(given)));
        return all.map(({ key }) => noted.has(key));
      },
    });
    this.acknowledge = gather({
      keyOf: ({ key }) => key,
      run: (all) => {
        const offsets = all.map(({ position }) => String(position.offset));
        return rows(ACKNOWLEDGE, keysOf(all), holdersOf(all), offsets);
      },
    });
    this.finish = gather({
      keyOf: ({ key }) => key,
      run: (all) => {
        const given = all.map(({ key, holder, answer }) => ({ key, holder, ...answerRow(answer) }));
        return rows(FINISH, JSON.stringify(given));
      },
    });
    this.release = gather({
      keyOf: ({ key }) => key,
      run: (all) =>
        rows(
          RELEASE,
          keysOf(all),
          holdersOf(all),
          all.map(({ dropPending }) => dropPending),
        ),
    });
  }

  /**
   * Takes the key for one try. Throws `API_IDEMPOTENCY_KEY_REUSED` (422) for another request, `API_IDEMPOTENCY_IN_FLIGHT` (409)
   * while a twin is worked on, `POSTGRES_UNAVAILABLE` (503): then nothing was done.
   */
  async begin(key: string, requestHash: string): Promise<Begun> {
    const holder = this.newId();
    const { taken, other } = await orNotReady(this.take({ key, requestHash, holder }), STORE, REMEDY);
    if (taken !== undefined) return { type: 'work', journal: this.journal({ key, holder }, taken) };
    // Released between the two statements: the twin did nothing, so the caller may come again.
    if (other === undefined) throw inFlight(key, 1);
    if (other.request_hash !== requestHash) throw reused(key, other);
    const answer = answerOf(other);
    if (answer === undefined) throw inFlight(key, other.retry_after_s);
    return { type: 'answered', answer };
  }

  /** Whether one of the keys stands for something that was done, or may have been: not for what was refused. */
  async mayHaveActed(keys: readonly string[]): Promise<boolean> {
    const asking = query(
      this.pool,
      'select 1 from api.idempotency where key = any($1) and (status is null or status < 400) limit 1',
      [keys],
    );
    return (await orNotReady(asking, STORE, REMEDY)).length > 0;
  }

  /**
   * Forgets keys that are older than 7 days, at most `limit`; one that is being worked on stays. Returns how many. Any number of
   * processes may do so at once.
   */
  async forgetOld(limit: number): Promise<number> {
    const rows = await query(
      this.pool,
      `delete from api.idempotency where key in
         (select key from api.idempotency where created_at <= now() - interval '${KEPT_DAYS} days'
            and (status is not null or lease_until <= now())
          order by created_at limit $1 for update skip locked)
       returning 1 as gone`,
      [limit],
    );
    return rows.length;
  }

  /** Age of the oldest one, seconds; 0 when there is none. */
  async oldestSeconds(): Promise<number> {
    const [row] = await query<{ seconds: number }>(
      this.pool,
      `select coalesce(extract(epoch from now() - min(created_at)), 0)::float8 as seconds from api.idempotency`,
    );
    return row?.seconds ?? 0;
  }

  private journal(held: Held, row: IdempotencyRow): Journal & { close(): void } {
    const renewal = setInterval(() => {
      // A renewal that fails costs the lease at most; the next try finishes what this one began.
      execute(this.pool, RENEW, [held.key, held.holder, LEASE_MS]).catch(() => undefined);
    }, RENEW_MS);
    renewal.unref();
    return {
      pending: pendingOf(row),
      note: async (pending) => {
        if (!(await this.note({ ...held, pending }))) throw inFlight(held.key, 1);
      },
      acknowledged: async (position) => {
        await this.acknowledge({ ...held, position });
      },
      finish: async (answer) => {
        await this.finish({ ...held, answer });
      },
      release: async ({ dropPending }) => {
        await this.release({ ...held, dropPending });
      },
      close: () => clearInterval(renewal),
    };
  }
}

function reused(key: string, { status }: IdempotencyRow): BanyanError {
  return problem(
    'API_IDEMPOTENCY_KEY_REUSED',
    `Idempotency-Key ${key} was used with another request; give every request a key of its own.`,
    { data: { firstStatus: status } },
  );
}

function inFlight(key: string, retryAfterS: number): BanyanError {
  return problem(
    'API_IDEMPOTENCY_IN_FLIGHT',
    `The request with Idempotency-Key ${key} is being worked on; ask again with the same key.`,
    { headers: { 'retry-after': String(retryAfterS) } },
  );
}
