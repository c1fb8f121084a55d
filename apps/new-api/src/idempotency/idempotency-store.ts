import { BanyanError, type NewId } from '@banyan/core';
import { type Pool, query } from '@banyan/postgres';
import { KEPT_DAYS } from '../api-schema.js';
import type { Journal } from '../commands/journal.js';
import { storedSnapshot } from '../commands/pending-event.js';
import type { Answer } from '../http/answer.js';
import { problem } from '../problems.js';
import { orNotReady } from '../store/not-ready.js';
import { answerOf, type IdempotencyRow, pendingOf } from './idempotency-row.js';

/** A try that has not answered is taken over when it has not renewed for so long, milliseconds. */
const LEASE_MS = 15_000;
const RENEW_MS = 5_000;
const STORE = 'The store of idempotency keys';
const REMEDY = 'new-api is making it; ask again';

/** What an Idempotency-Key means for a request: work to do, or an answer that was given. */
export type Begun =
  | { readonly type: 'work'; readonly journal: Journal & { close(): void } }
  | { readonly type: 'answered'; readonly answer: Answer };

const COLUMNS = `request_hash, event_id, topic, partition, record_key, value, headers, noted, acknowledged_offset, status, answer_headers,
  body, greatest(1, ceil(extract(epoch from lease_until - now())))::int as retry_after_s`;

/** Idempotency keys in schema `api`: what a try stores here, another process can finish. */
export class IdempotencyStore {
  constructor(
    private readonly pool: Pool,
    private readonly newId: NewId,
  ) {}

  /**
   * Takes the key for one try. Throws `API_IDEMPOTENCY_KEY_REUSED` (422) for another request, `API_IDEMPOTENCY_IN_FLIGHT` (409)
   * while a twin is worked on, `POSTGRES_UNAVAILABLE` (503): then nothing was done.
   */
  async begin(key: string, requestHash: string): Promise<Begun> {
    const holder = this.newId();
    const taking = query<IdempotencyRow & object>(
      this.pool,
      `insert into api.idempotency as i (key, request_hash, holder, lease_until)
       values ($1, $2, $3, now() + $4 * interval '1 millisecond')
       on conflict (key) do update set holder = excluded.holder, lease_until = excluded.lease_until
         where i.request_hash = excluded.request_hash and i.status is null and i.lease_until <= now()
       returning ${COLUMNS}`,
      [key, requestHash, holder, LEASE_MS],
    );
    const [taken] = await orNotReady(taking, STORE, REMEDY);
    if (taken !== undefined) return { type: 'work', journal: this.journal(key, holder, taken) };
    const [other] = await query<IdempotencyRow & object>(
      this.pool,
      `select ${COLUMNS} from api.idempotency where key = $1`,
      [key],
    );
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

  private journal(key: string, holder: string, row: IdempotencyRow): Journal & { close(): void } {
    // False = another try has taken the key over: whatever this one still does, it must not append something new.
    const write = async (sets: string, values: readonly unknown[]): Promise<boolean> => {
      const text = `update api.idempotency set ${sets} where key = $1 and holder = $2 and status is null returning key`;
      return (await query(this.pool, text, [key, holder, ...values])).length === 1;
    };
    const renewal = setInterval(() => {
      // A renewal that fails costs the lease at most; the next try finishes what this one began.
      write(`lease_until = now() + $3 * interval '1 millisecond'`, [LEASE_MS]).catch(() => undefined);
    }, RENEW_MS);
    renewal.unref();
    return {
      pending: pendingOf(row),
      note: async ({ eventId, record, noted }) => {
        const values = [
          eventId,
          record.topic,
          record.partition,
          record.key,
          record.value,
          JSON.stringify(record.headers),
          JSON.stringify(storedSnapshot(noted)),
        ];
        const mine = await write(
          `event_id = $3, topic = $4, partition = $5, record_key = $6, value = $7, headers = $8, noted = $9, acknowledged_offset = null`,
          values,
        );
        if (!mine) throw inFlight(key, 1);
      },
      acknowledged: async ({ offset }) => {
        await write('acknowledged_offset = $3', [String(offset)]);
      },
      finish: async ({ status, headers, body }) => {
        await write('status = $3, answer_headers = $4, body = $5', [
          status,
          JSON.stringify(headers),
          JSON.stringify(body),
        ]);
      },
      release: async ({ dropPending }) => {
        // Nothing was done: the key is as good as new. Else what was stored waits for the next try, which need not wait for the lease.
        await query(
          this.pool,
          'delete from api.idempotency where key = $1 and holder = $2 and status is null and ($3 or event_id is null)',
          [key, holder, dropPending],
        );
        await write('lease_until = now()', []);
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
