import type { Outcome } from '@banyan/core';
import type { Position } from '@banyan/kafka';
import { gather, type Pool, query } from '@banyan/postgres';
import { KEPT_DAYS } from '../api-schema.js';
import { type NotedEvent, notedSnapshot, type StoredSnapshot, storedSnapshot } from '../commands/pending-event.js';
import { orNotReady } from '../store/not-ready.js';

/** What was kept of an event for its receipt. */
export interface KeptReceipt extends NotedEvent {
  readonly entity: string;
  /** undefined = not learned yet. */
  readonly outcome: Outcome | undefined;
  /** ISO 8601 UTC. */
  readonly since: string;
  readonly keptUntil: string;
}

/** Promised receipts. */
export interface Receipts {
  /**
   * Keeps the event, or where it lies once that is known. Repeatable. Throws `API_STORE_NOT_READY` and `POSTGRES_UNAVAILABLE` (both
   * retryable): then no receipt may be promised.
   */
  keep(entity: string, event: NotedEvent, position?: Position): Promise<void>;
  /** Where an event lies whose receipt is kept. Repeatable; throws as `keep`. */
  acknowledged(eventId: string, position: Position): Promise<void>;
  /** The event is certainly not in the log, and nobody was told of it. */
  drop(eventId: string): Promise<void>;
}

interface ToKeep {
  readonly entity: string;
  readonly event: NotedEvent;
  readonly position: Position | undefined;
}

interface Acknowledged {
  readonly eventId: string;
  readonly position: Position;
}

/**
 * Receipts in schema `api`: what an instance promises here every other one can answer, also after all of them were restarted. Those of
 * many requests are written by one statement, and committed at one go.
 */
export class ReceiptStore implements Receipts {
  private readonly keepOne: (one: ToKeep) => Promise<unknown>;
  private readonly acknowledgeOne: (one: Acknowledged) => Promise<unknown>;

  constructor(private readonly pool: Pool) {
    this.keepOne = gather({
      run: (all: readonly ToKeep[]) => this.ready(KEEP, [JSON.stringify(all.map(rowOf))]),
      keyOf: ({ event }) => event.eventId,
    });
    this.acknowledgeOne = gather({
      run: (all: readonly Acknowledged[]) =>
        this.ready(ACKNOWLEDGE, [
          all.map(({ eventId }) => eventId),
          all.map(({ position }) => String(position.offset)),
        ]),
      keyOf: ({ eventId }) => eventId,
    });
  }

  async keep(entity: string, event: NotedEvent, position?: Position): Promise<void> {
    await this.keepOne({ entity, event, position });
  }

  async acknowledged(eventId: string, position: Position): Promise<void> {
    await this.acknowledgeOne({ eventId, position });
  }

  async drop(eventId: string): Promise<void> {
    await this.ready('delete from api.receipt where event_id = $1', [eventId]);
  }

  /** undefined = none was promised, or it is older than 7 days. @param eventId a UUID */
  async find(eventId: string): Promise<KeptReceipt | undefined> {
    const [row] = await this.ready<ReceiptRow>(
      `select event_id, entity, topic, partition, record_key, headers, noted, acknowledged_offset, outcome, created_at as since,
         created_at + ${KEPT} as kept_until
       from api.receipt where event_id = $1 and created_at > now() - ${KEPT}`,
      [eventId],
    );
    return row === undefined ? undefined : keptReceipt(row);
  }

  /** The outcome of an event, which is for ever. */
  async learned(eventId: string, outcome: Outcome): Promise<void> {
    await this.ready('update api.receipt set outcome = $2 where event_id = $1', [eventId, outcome]);
  }

  /** Forgets receipts that are older than 7 days, at most `limit`. Returns how many. Any number of processes may do so at once. */
  async forgetOld(limit: number): Promise<number> {
    const rows = await this.ready(
      `delete from api.receipt where event_id in
         (select event_id from api.receipt where created_at <= now() - ${KEPT} order by created_at limit $1 for update skip locked)
       returning 1 as gone`,
      [limit],
    );
    return rows.length;
  }

  /** Age of the oldest one, seconds; 0 when there is none. */
  async oldestSeconds(): Promise<number> {
    const [row] = await this.ready<{ seconds: number }>(
      `select coalesce(extract(epoch from now() - min(created_at)), 0)::float8 as seconds from api.receipt`,
    );
    return row?.seconds ?? 0;
  }

  private ready<R extends object>(statement: string, values: readonly unknown[] = []): Promise<readonly R[]> {
    return orNotReady(
      query<R>(this.pool, statement, values),
      'The store of receipts',
      'new-api is making it; ask again',
    );
  }
}

const KEPT = `interval '${KEPT_DAYS} days'`;

// In the order of their ids: two statements that write the same rows in different orders would wait for each other.
const KEEP = `insert into api.receipt as r (event_id, entity, topic, partition, record_key, headers, noted, acknowledged_offset)
    select event_id, entity, topic, partition, record_key, headers, noted, acknowledged_offset
    from jsonb_to_recordset($1::jsonb) as given (event_id uuid, entity text, topic text, partition int, record_key uuid, headers jsonb,
      noted jsonb, acknowledged_offset bigint)
    order by event_id
    on conflict (event_id) do update set acknowledged_offset = coalesce(r.acknowledged_offset, excluded.acknowledged_offset)`;

const ACKNOWLEDGE = `update api.receipt as r set acknowledged_offset = given.acknowledged_offset
    from unnest($1::uuid[], $2::bigint[]) as given (event_id, acknowledged_offset)
    where r.event_id = given.event_id and r.acknowledged_offset is null`;

function rowOf({ entity, event: { eventId, record, noted }, position }: ToKeep): object {
  return {
    event_id: eventId,
    entity,
    topic: record.topic,
    partition: record.partition,
    record_key: record.key,
    headers: record.headers,
    noted: storedSnapshot(noted),
    // As text: it may be larger than a number of JSON is exact.
    acknowledged_offset: position === undefined ? null : String(position.offset),
  };
}

interface ReceiptRow {
  readonly event_id: string;
  readonly entity: string;
  readonly topic: string;
  readonly partition: number;
  readonly record_key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly noted: StoredSnapshot;
  readonly acknowledged_offset: number | null;
  readonly outcome: Outcome | null;
  readonly since: string;
  readonly kept_until: string;
}

function keptReceipt(row: ReceiptRow): KeptReceipt {
  const { topic, partition, headers, acknowledged_offset: offset } = row;
  return {
    eventId: row.event_id,
    entity: row.entity,
    record: { topic, partition, key: row.record_key, headers },
    noted: notedSnapshot(row.noted),
    position: offset === null ? undefined : { partition, offset: BigInt(offset) },
    outcome: row.outcome ?? undefined,
    since: row.since,
    keptUntil: row.kept_until,
  };
}
