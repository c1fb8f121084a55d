import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { identifier } from './identifier.js';
import { connectionOptions } from './pool.js';

export interface ListenOptions {
  readonly url: string;
  readonly applicationName: string;
  readonly channel: string;
  readonly onNotify: (payload: string) => void;
  /** Called after every (re)connect: notifications may have been missed before it, so look for yourself once. */
  readonly onConnect?: () => void;
  /** Called each time the connection could not be made or broke; the listener tries again by itself. */
  readonly onError?: (error: unknown) => void;
}

export interface Listener {
  /** Whether notifications arrive now. */
  connected(): boolean;
  close(): Promise<void>;
}

const HEARTBEAT_MS = 10_000;
const SHORTEST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Hears the notifications of one channel on a connection of its own, and connects again for ever, with pauses up to 5 s. A connection
 * that went silent is found by a heartbeat within 20 s. Notifications are hints: poll as well, seldom.
 */
export function listen(options: ListenOptions): Listener {
  const stopping = new AbortController();
  let connected = false;
  let pauseMs = SHORTEST_PAUSE_MS;
  const hear = async (): Promise<void> => {
    const client = new pg.Client(connectionOptions({ ...options, statementTimeoutMs: 5_000 }));
    // A signal, not a promise to race with: that would gather a reaction at each heartbeat for as long as the connection lives.
    const over = new AbortController();
    const onStop = () => over.abort();
    stopping.signal.addEventListener('abort', onStop);
    client.on('error', (error) => over.abort(error));
    client.once('end', () => over.abort(new Error('PostgreSQL closed the connection')));
    client.on('notification', (message) => options.onNotify(message.payload ?? ''));
    try {
      await client.connect();
      await client.query(`listen ${identifier(options.channel)}`);
      connected = true;
      pauseMs = SHORTEST_PAUSE_MS;
      options.onConnect?.();
      for (;;) {
        await pause(HEARTBEAT_MS, over.signal);
        if (stopping.signal.aborted) return;
        over.signal.throwIfAborted();
        await client.query('select 1');
      }
    } finally {
      connected = false;
      stopping.signal.removeEventListener('abort', onStop);
      await Promise.race([client.end().catch(() => undefined), delay(2_000, undefined, { ref: false })]);
    }
  };
  const running = (async () => {
    while (!stopping.signal.aborted) {
      try {
        await hear();
      } catch (error) {
        options.onError?.(error);
      }
      if (stopping.signal.aborted) return;
      await pause(pauseMs, stopping.signal);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  })();
  return {
    connected: () => connected,
    close: async () => {
      stopping.abort();
      await running;
    },
  };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal, ref: false }).catch(() => undefined);
}
