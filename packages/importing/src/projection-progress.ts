import { setTimeout as delay } from 'node:timers/promises';
import { identifier, type Listener, listen, type Pool, query } from '@banyan/postgres';

/** Tells how far the projector has come. */
export interface ProjectionProgress {
  /**
   * Resolves with true once the projector's next offset is beyond `offset`, with false after `timeoutMs`. A database that is away meanwhile is
   * waited for.
   */
  reached(place: Place, timeoutMs: number): Promise<boolean>;
  close(): Promise<void>;
}

export interface Place {
  /** The entity's name. */
  readonly consumer: string;
  readonly partition: number;
  readonly offset: bigint;
}

export interface ProgressOptions {
  readonly pool: Pool;
  /** Of the same database; a connection of its own listens there. */
  readonly url: string;
  readonly applicationName: string;
  /** Default `v2`; the channel is `<schema>_projected`. */
  readonly schema?: string;
  /** How often to look without a notification, milliseconds. Default 250. */
  readonly pollMs?: number;
}

interface Waiting extends Place {
  readonly resolve: (reached: boolean) => void;
}

/**
 * One listener and one poll for all who wait. Notifications are hints that may be lost with their connection, so while anybody waits the
 * offsets are looked at too.
 */
export function followProjection(options: ProgressOptions): ProjectionProgress {
  const { pool, schema = 'v2', pollMs = 250 } = options;
  const waiting = new Set<Waiting>();
  const closing = new AbortController();
  let polling: Promise<void> | undefined;

  const advance = (consumer: string, partition: number, nextOffset: bigint): void => {
    for (const one of waiting) {
      if (one.consumer === consumer && one.partition === partition && nextOffset > one.offset) one.resolve(true);
    }
  };
  const look = async (): Promise<void> => {
    const consumers = [...new Set([...waiting].map((one) => one.consumer))];
    const rows = await query<{ consumer: string; partition: number; next_offset: number }>(
      pool,
      `select consumer, partition, next_offset from ${identifier(schema)}.sink_offset where consumer = any($1::text[])`,
      [consumers],
    );
    for (const row of rows) advance(row.consumer, row.partition, BigInt(row.next_offset));
  };
  const poll = async (): Promise<void> => {
    while (waiting.size > 0 && !closing.signal.aborted) {
      // A database that is away shows at each waiter's own deadline.
      await look().catch(() => undefined);
      if (waiting.size > 0) await delay(pollMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
    polling = undefined;
  };

  const listener: Listener = listen({
    url: options.url,
    applicationName: options.applicationName,
    channel: `${schema}_projected`,
    onNotify: (payload) => {
      const place = parseNotification(payload);
      if (place !== undefined) advance(place.consumer, place.partition, place.nextOffset);
    },
  });

  return {
    reached: ({ consumer, partition, offset }, timeoutMs) =>
      new Promise((resolve) => {
        if (closing.signal.aborted) return resolve(false);
        const timer = setTimeout(() => one.resolve(false), timeoutMs);
        const one: Waiting = {
          consumer,
          partition,
          offset,
          resolve: (reached) => {
            clearTimeout(timer);
            waiting.delete(one);
            resolve(reached);
          },
        };
        waiting.add(one);
        polling ??= poll();
      }),
    close: async () => {
      closing.abort();
      for (const one of waiting) one.resolve(false);
      await Promise.all([listener.close(), polling]);
    },
  };
}

/** `order:3:1207` -> the partition's next offset. */
function parseNotification(payload: string) {
  const match = /^(.+):(\d+):(\d+)$/.exec(payload);
  const [, consumer, partition, nextOffset] = match ?? [];
  if (consumer === undefined || partition === undefined || nextOffset === undefined) return undefined;
  return { consumer, partition: Number(partition), nextOffset: BigInt(nextOffset) };
}
