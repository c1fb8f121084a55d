import type { Admin } from 'kafkajs';
import { pause } from '../back-off.js';
import type { TopicSpec } from '../event-log.js';
import { errorType } from '../kafkajs/error-type.js';
import { partitionCountDiffers, topicMissing, unavailable } from '../log-errors.js';
import type { AdminClient } from './admin-client.js';

const CREATE_TIMEOUT_MS = 30_000;

export interface PartitionEnds {
  readonly partition: number;
  readonly low: bigint;
  readonly high: bigint;
}

/** What Banyan asks about topics, and how it creates them. */
export class TopicAdmin {
  readonly #admin: AdminClient;

  constructor(admin: AdminClient) {
    this.#admin = admin;
  }

  async ends(topic: string): Promise<readonly PartitionEnds[]> {
    const offsets = await this.#admin.call(
      `reading the ends of ${topic}`,
      (admin) => admin.fetchTopicOffsets(topic),
      missing(topic),
    );
    return offsets
      .map(({ partition, low, high }) => ({ partition, low: BigInt(low), high: BigInt(high) }))
      .sort((a, b) => a.partition - b.partition);
  }

  partitionCount(topic: string): Promise<number> {
    return this.#admin.call(
      `reading the partitions of ${topic}`,
      async (admin) => {
        const count = (await partitionCounts(admin, [topic])).get(topic);
        if (count === undefined) throw topicMissing(topic);
        return count;
      },
      missing(topic),
    );
  }

  async createTopics(specs: readonly TopicSpec[]): Promise<void> {
    const create = async (admin: Admin): Promise<void> => {
      const existing = new Set(await admin.listTopics());
      await refuseOtherCounts(
        admin,
        specs.filter(({ name }) => existing.has(name)),
      );
      const wanted = specs.filter(({ name }) => !existing.has(name));
      if (wanted.length === 0) return;
      const { brokers } = await admin.describeCluster();
      // false = somebody else created them all in the meantime; what they created is checked below like ours
      await admin
        .createTopics({
          topics: wanted.map((spec) => creation(spec, Math.min(3, brokers.length))),
          waitForLeaders: false,
          timeout: 5_000,
        })
        .catch(unlessExisting);
      await allReady(admin, wanted);
    };
    await this.#admin.call('creating topics', create, undefined, CREATE_TIMEOUT_MS);
  }
}

const missing = (topic: string) => (error: unknown) =>
  errorType(error) === 'UNKNOWN_TOPIC_OR_PARTITION' ? topicMissing(topic, error) : undefined;

function creation({ name, partitions, config = {} }: TopicSpec, replicationFactor: number) {
  // With three copies a write counts when two have it: one broker may be away, and an acknowledged record survives its loss.
  const safe = { 'min.insync.replicas': replicationFactor >= 3 ? '2' : '1' };
  return {
    topic: name,
    numPartitions: partitions,
    replicationFactor,
    configEntries: Object.entries({ ...safe, ...config }).map(([key, value]) => ({ name: key, value })),
  };
}

/** One existing topic among several makes kafkajs reject the whole call; the check of all counts afterwards decides. */
function unlessExisting(error: unknown): void {
  const errors = typeof error === 'object' && error !== null && 'errors' in error ? error.errors : undefined;
  const all: unknown[] = Array.isArray(errors) ? errors : [error];
  const bad = all.find((one) => errorType(one) !== 'TOPIC_ALREADY_EXISTS');
  if (bad !== undefined) throw bad;
}

/** Waits until every topic has its partitions, each with a leader. */
async function allReady(admin: Admin, specs: readonly TopicSpec[]): Promise<void> {
  const until = performance.now() + CREATE_TIMEOUT_MS;
  for (let error: unknown = new Error('no leaders yet'); ; await pause(100)) {
    try {
      const ready = await withLeaders(
        admin,
        specs.map(({ name }) => name),
      );
      if (specs.every(({ name }) => ready.has(name))) return refuseOtherCounts(admin, specs);
    } catch (e) {
      if (errorType(e) !== 'UNKNOWN_TOPIC_OR_PARTITION' && errorType(e) !== 'LEADER_NOT_AVAILABLE') throw e;
      error = e;
    }
    if (performance.now() > until) throw unavailable('waiting for the new topics', error);
  }
}

async function refuseOtherCounts(admin: Admin, specs: readonly TopicSpec[]): Promise<void> {
  if (specs.length === 0) return;
  const counts = await partitionCounts(
    admin,
    specs.map(({ name }) => name),
  );
  for (const { name, partitions } of specs) {
    const is = counts.get(name);
    if (is !== undefined && is !== partitions) throw partitionCountDiffers(name, is, partitions);
  }
}

async function partitionCounts(admin: Admin, topics: string[]): Promise<ReadonlyMap<string, number>> {
  const { topics: found } = await admin.fetchTopicMetadata({ topics });
  return new Map(found.map(({ name, partitions }) => [name, partitions.length]));
}

async function withLeaders(admin: Admin, topics: string[]): Promise<ReadonlySet<string>> {
  const { topics: found } = await admin.fetchTopicMetadata({ topics });
  const led = found.filter(({ partitions }) => partitions.length > 0 && partitions.every(({ leader }) => leader >= 0));
  return new Set(led.map(({ name }) => name));
}
