import { type Codec, plainHeaders, RECEIPTS_TOPIC, topicName } from '@banyan/contracts';
import { EventHandled } from '@banyan/contracts/events/banyan.receipt.v1';
import type { Appender } from '@banyan/kafka';
import { type Pool, query } from '@banyan/postgres';
import { LEASE_MS } from '../instance/instance-store.js';
import type { Trace } from '../store/work.js';
import type { ReceiptBody } from './receipt.js';

export interface OutboxOptions {
  readonly pool: Pool;
  readonly codec: Codec;
  readonly appender: Appender;
  readonly prefix: string;
  /** The instance whose receipts these are. */
  readonly writer: string;
  readonly onError: (error: unknown) => void;
}

export interface Outbox {
  /** There may be receipts. */
  wake(): void;
  stop(): Promise<void>;
}

/** How often receipts are looked for that nobody announced (another process's, a failed try), milliseconds. */
const POLL_MS = 1_000;
const BATCH = 500;

/**
 * Appends receipts and forgets them once the log has them. A crash in between appends them again, under the same id: whoever reads
 * receipts takes a repeat for what it is.
 */
export function startOutbox(options: OutboxOptions): Outbox {
  let stopping = false;
  let announced = false;
  let wakeUp: () => void = () => {};
  const rest = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, POLL_MS);
      wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const run = async (): Promise<void> => {
    while (!stopping) {
      announced = false;
      const sent = await flush(options).catch((error: unknown) => {
        options.onError(error);
        return 0;
      });
      if (sent < BATCH && !announced && !stopping) await rest();
    }
  };
  const running = run();
  return {
    wake: () => {
      announced = true;
      wakeUp();
    },
    stop: async () => {
      stopping = true;
      wakeUp();
      await running;
    },
  };
}

/** One batch, oldest first. Answers how many were appended. */
async function flush({ pool, codec, appender, prefix, writer }: OutboxOptions): Promise<number> {
  // Of a process that is gone nobody else would send them; should it only be slow, a receipt is appended twice.
  const rows = await query<ReceiptRow>(
    pool,
    `select r.id, r.receipt_id, r.key::text as key, r.body, r.trace from porter.receipt r
     where r.writer = $1 or not exists (select 1 from porter.instance i where i.name = r.writer and i.left_at is null
                                        and i.heartbeat_at > now() - make_interval(secs => $2))
     order by r.id limit ${BATCH}`,
    [writer, (2 * LEASE_MS) / 1000],
  );
  const appended = await Promise.allSettled(
    rows.map((row) =>
      appender.append({
        topic: topicName(prefix, RECEIPTS_TOPIC),
        key: row.key,
        value: codec.encode(EventHandled.name, row.body),
        headers: headersOf(row, writer),
      }),
    ),
  );
  const done = rows.filter((_, index) => appended[index]?.status === 'fulfilled').map(({ id }) => id);
  if (done.length > 0) await query(pool, 'delete from porter.receipt where id = any($1::bigint[])', [done]);
  const failure = appended.find((result) => result.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
  return done.length;
}

type ReceiptRow = {
  id: number;
  receipt_id: string;
  key: string;
  body: ReceiptBody;
  trace: Trace;
};

function headersOf({ receipt_id, key, body, trace }: ReceiptRow, writer: string): Record<string, string> {
  return plainHeaders({
    id: receipt_id,
    type: EventHandled.name,
    source: `legacy-porter/${writer}`,
    timeMs: body.atMs,
    subject: key,
    causationId: body.eventId,
    correlationId: trace.correlationId,
    traceparent: trace.traceparent,
    hops: (trace.hops ?? 0) + 1,
  });
}
