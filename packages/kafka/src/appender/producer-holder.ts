import { backOffMs, pause } from '../back-off.js';
import type { OwnCluster } from '../kafkajs/cluster.js';
import { withTimeout } from '../with-timeout.js';
import type { BatchProducer } from './batch-producer.js';
import { IdempotentProducer } from './idempotent-producer.js';

const CONNECT_BACK_OFF = { firstMs: 100, maxMs: 3_000 };
const CONNECT_TIMEOUT_MS = 30_000;

export interface ProducerEvents {
  connected(): void;
  disconnected(error: unknown): void;
}

/** The one producer in use. Connects on first use and keeps trying; a rebuilt producer has a new producer id. */
export class ProducerHolder {
  readonly #newCluster: () => OwnCluster;
  readonly #events: ProducerEvents;
  readonly #closing = new AbortController();
  #current: Promise<BatchProducer> | undefined;
  #connected: BatchProducer | undefined;

  constructor(newCluster: () => OwnCluster, events: ProducerEvents) {
    this.#newCluster = newCluster;
    this.#events = events;
  }

  /** The connected producer; waits as long as it takes, rejects once closed. */
  get(): Promise<BatchProducer> {
    this.#current ??= this.#connect();
    return this.#current;
  }

  /** Replaces a producer that cannot go on. Several partitions may ask for the same one; it is replaced once. */
  rebuild(used: BatchProducer, error: unknown): void {
    if (this.#connected !== used) return;
    this.#connected = undefined;
    this.#current = undefined;
    this.#events.disconnected(error);
    used.discard();
  }

  close(): void {
    this.#closing.abort();
    this.#connected?.discard();
    this.#connected = undefined;
  }

  async #connect(): Promise<BatchProducer> {
    for (let attempt = 0; !this.#closing.signal.aborted; attempt++) {
      const cluster = this.#newCluster();
      try {
        // Without a producer id nothing is ever sent.
        const producer = await withTimeout(IdempotentProducer.connect(cluster), CONNECT_TIMEOUT_MS);
        if (this.#closing.signal.aborted) {
          producer.discard();
          break;
        }
        this.#connected = producer;
        this.#events.connected();
        return producer;
      } catch (error) {
        // Not awaited: with a dead connection it may hang for ever.
        cluster.disconnect().catch(() => undefined);
        this.#events.disconnected(error);
        await pause(backOffMs(attempt, CONNECT_BACK_OFF), this.#closing.signal);
      }
    }
    throw new Error('the producer is closed');
  }
}
