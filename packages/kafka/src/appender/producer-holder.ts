import kafkajs, { type Kafka, type Producer } from 'kafkajs';
import { backOffMs, pause } from '../back-off.js';
import { SHORT_RETRY } from '../kafkajs/client.js';
import { withTimeout } from '../with-timeout.js';

const CONNECT_BACK_OFF = { firstMs: 100, maxMs: 3_000 };
const CONNECT_TIMEOUT_MS = 30_000;

export interface ProducerEvents {
  connected(): void;
  disconnected(error: unknown): void;
}

/** The one producer in use. Connects on first use and keeps trying; a rebuilt producer has a new producer id. */
export class ProducerHolder {
  readonly #kafka: Kafka;
  readonly #events: ProducerEvents;
  readonly #closing = new AbortController();
  #current: Promise<Producer> | undefined;
  #connected: Producer | undefined;

  constructor(kafka: Kafka, events: ProducerEvents) {
    this.#kafka = kafka;
    this.#events = events;
  }

  /** The connected producer; waits as long as it takes, rejects once closed. */
  get(): Promise<Producer> {
    this.#current ??= this.#connect();
    return this.#current;
  }

  /** Replaces a producer that cannot go on. Several partitions may ask for the same one; it is replaced once. */
  rebuild(used: Producer, error: unknown): void {
    if (this.#connected !== used) return;
    this.#connected = undefined;
    this.#current = undefined;
    this.#events.disconnected(error);
    // Not awaited: with a dead connection it may hang for ever.
    discard(used);
  }

  close(): void {
    this.#closing.abort();
    if (this.#connected !== undefined) discard(this.#connected);
    this.#connected = undefined;
  }

  async #connect(): Promise<Producer> {
    for (let attempt = 0; !this.#closing.signal.aborted; attempt++) {
      const producer = this.#kafka.producer({
        idempotent: true,
        maxInFlightRequests: 1,
        allowAutoTopicCreation: false,
        createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
        retry: SHORT_RETRY,
      });
      try {
        // Without a successful connect there is no producer id, and send() would go out without one.
        await withTimeout(producer.connect(), CONNECT_TIMEOUT_MS);
        if (this.#closing.signal.aborted) {
          discard(producer);
          break;
        }
        this.#connected = producer;
        this.#events.connected();
        return producer;
      } catch (error) {
        discard(producer);
        this.#events.disconnected(error);
        await pause(backOffMs(attempt, CONNECT_BACK_OFF), this.#closing.signal);
      }
    }
    throw new Error('the producer is closed');
  }
}

function discard(producer: Producer): void {
  producer.disconnect().catch(() => undefined);
}
