import type { LogRecord } from '@banyan/contracts';
import { atMost } from '../at-most.js';
import { backOffMs, pause } from '../back-off.js';
import { fetchedRecord } from '../consumer/fetched-record.js';
import { errorType } from '../kafkajs/error-type.js';
import { type InnerCluster, READ_COMMITTED } from '../kafkajs/internals.js';
import { offsetGap, outOfRange, unavailable } from '../log-errors.js';
import { withTimeout } from '../with-timeout.js';
import type { PartitionEnds } from './topic-admin.js';

const FETCH_BYTES = 1024 * 1024;
const FETCH_WAIT_MS = 500;
const TRIES = 5;
const TRY_TIMEOUT_MS = 15_000;
const BACK_OFF = { firstMs: 100, maxMs: 1_500 };
/** A fetch whose connection is gone ends sooner. */
const UNDER_WAY_MS = 2_000;

/**
 * Plain fetches without a group: nothing joins, so nothing rebalances and no group is left behind. kafkajs offers groups only;
 * its inner cluster speaks the protocol.
 */
export class LogReader {
  readonly #newCluster: () => InnerCluster;
  readonly #ends: (topic: string) => Promise<readonly PartitionEnds[]>;
  #cluster: Promise<InnerCluster> | undefined;
  readonly #underWay = new Set<Promise<unknown>>();
  #closed = false;

  constructor(newCluster: () => InnerCluster, ends: (topic: string) => Promise<readonly PartitionEnds[]>) {
    this.#newCluster = newCluster;
    this.#ends = ends;
  }

  async *read(topic: string, partition: number, from: bigint, to: bigint): AsyncIterable<LogRecord> {
    const is = (await this.#ends(topic)).find((ends) => ends.partition === partition);
    if (is === undefined || from < is.low || to > is.high || from > to) {
      throw outOfRange(topic, partition, { from, to }, is ?? { low: 0n, high: 0n });
    }
    for (let next = from; next < to; ) {
      const records = (await this.#fetch(topic, partition, next)).filter(({ offset }) => offset >= next);
      for (const record of records) {
        if (record.offset >= to) return;
        if (record.offset !== next) throw offsetGap(topic, partition, { expected: next, found: record.offset });
        yield record;
        next += 1n;
      }
    }
  }

  /** Ends what is being read with `LOG_UNAVAILABLE`: a read that tried again would connect anew and never be closed. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#disconnect();
    await atMost(UNDER_WAY_MS, Promise.allSettled(this.#underWay));
  }

  async #disconnect(): Promise<void> {
    const used = this.#cluster;
    this.#cluster = undefined;
    await disconnect(used);
  }

  /** At least one record from `offset` on: the range was checked, so an empty answer is a broker that is not ready. */
  async #fetch(topic: string, partition: number, offset: bigint): Promise<readonly LogRecord[]> {
    for (let attempt = 0; ; attempt++) {
      try {
        const fetched = this.#fetchOnce(topic, partition, offset);
        this.#underWay.add(fetched);
        void fetched.catch(() => undefined).then(() => this.#underWay.delete(fetched));
        const records = await withTimeout(fetched, TRY_TIMEOUT_MS);
        if (records.length > 0) return records;
        throw new Error('the answer was empty');
      } catch (error) {
        if (errorType(error) === 'OFFSET_OUT_OF_RANGE') throw offsetGap(topic, partition, { expected: offset });
        await this.#disconnect();
        if (this.#closed || attempt + 1 >= TRIES)
          throw unavailable(`reading ${topic}[${partition}] at ${offset}`, error);
        await pause(backOffMs(attempt, BACK_OFF));
      }
    }
  }

  async #fetchOnce(topic: string, partition: number, offset: bigint): Promise<readonly LogRecord[]> {
    if (this.#closed) throw new Error('this log was closed');
    this.#cluster ??= this.#connect();
    const used = this.#cluster;
    try {
      return await fetchFrom(await used, topic, partition, offset);
    } finally {
      // Its metadata is asked for again behind a disconnect, over a new connection.
      if (this.#cluster !== used) await disconnect(used);
    }
  }

  async #connect(): Promise<InnerCluster> {
    const cluster = this.#newCluster();
    await cluster.connect();
    return cluster;
  }
}

async function disconnect(cluster: Promise<InnerCluster> | undefined): Promise<void> {
  const known = await cluster?.catch(() => undefined);
  await known?.disconnect().catch(() => undefined);
}

async function fetchFrom(
  cluster: InnerCluster,
  topic: string,
  partition: number,
  offset: bigint,
): Promise<readonly LogRecord[]> {
  await cluster.addTargetTopic(topic);
  await cluster.refreshMetadataIfNecessary();
  const [leader] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
  if (leader === undefined) throw new Error(`partition ${partition} has no leader`);
  const broker = await cluster.findBroker({ nodeId: leader });
  const { responses } = await broker.fetch({
    maxWaitTime: FETCH_WAIT_MS,
    minBytes: 1,
    maxBytes: FETCH_BYTES,
    isolationLevel: READ_COMMITTED,
    topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes: FETCH_BYTES }] }],
  });
  const messages = responses.flatMap(({ partitions }) => partitions).flatMap((one) => one.messages);
  return messages
    .filter((message) => !message.isControlRecord && BigInt(message.offset) >= offset)
    .map((message) => fetchedRecord(topic, partition, message).read());
}
