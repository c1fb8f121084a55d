import type { Outcome } from '@banyan/core';
import type { Position } from '@banyan/kafka';
import { type Pool, query } from '@banyan/postgres';
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
  /** The event is certainly not in the log, and nobody was told of it. */
  drop(eventId: string): Promise<void>;
}

/** Receipts in schema `api`: what an instance promises here every other one can answer, also after all of them were restarted. */
export class ReceiptStore implements Receipts {
  constructor(private readonly pool: Pool) {}

  async keep(entity: string, { eventId, record, noted }: NotedEvent, position?: Position): Promise<void> {
    await this.ready(
      `insert into api.receipt as r (event_id, entity, topic, partition, record_key, headers, noted, acknowledged_offset)
       values ($1, $2, $3, $4, $5, $6, $7, $8)
       on conflict (event_id) do update set acknowledged_offset = coalesce(r.acknowledged_offset, excluded.acknowledged_offset)`,
      [
        eventId,
        entity,
        record.topic,
        record.partition,
        record.key,
        JSON.stringify(record.headers),
        JSON.stringify(storedSnapshot(noted)),
        position === undefined ? null : String(position.offset),
      ],
    );
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

  private ready<R extends object>(text: string, values: readonly unknown[] = []): Promise<readonly R[]> {
    return orNotReady(query<R>(this.pool, text, values), 'The store of receipts', 'new-api is making it; ask again');
  }
}

const KEPT = `interval '${KEPT_DAYS} days'`;

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
