import type { OwnCluster } from '../kafkajs/cluster.js';
import { createErrorFromCode, type InnerBroker, type ProduceAnswer } from '../kafkajs/internals.js';
import { type RecordBatch, sealed } from '../record-batch/write-batch.js';
import type { BatchProducer, TakeBatch } from './batch-producer.js';
import { LeaderLane, type Turn } from './leader-lane.js';
import { produceRequest, requireProduce } from './produce-request.js';

/** Kafka asks for it, and without transactions it means nothing; milliseconds. */
const TRANSACTION_TIMEOUT_MS = 60_000;
/** A tenth of what a broker takes by default. */
const MAX_REQUEST_BYTES = 10_000_000;
const SEQUENCES = 2 ** 31;

interface ProducerId {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

interface Part {
  readonly turn: Turn;
  readonly batch: RecordBatch;
}

/**
 * An idempotent producer over kafkajs' inner cluster. kafkajs' own gives the sequence numbers of a batch that went unanswered to
 * whichever batch is sent next, and sends again to a broker whose first request is still on its way when another broker fails. Here a
 * partition's numbers move on an acknowledgement and on nothing else, and one request goes to one broker; so it may hold batches of many
 * partitions, each with an answer of its own.
 */
export class IdempotentProducer implements BatchProducer {
  readonly #cluster: OwnCluster;
  readonly #id: ProducerId;
  readonly #topics = new Set<string>();
  readonly #lanes = new Map<string, LeaderLane>();
  /** By partition: that of the first record which is not acknowledged. */
  readonly #sequences = new Map<string, number>();
  /** Partitions whose last request went wrong: another broker may lead them by now. */
  readonly #doubted = new Set<string>();
  #discarded = false;

  /** Resolves with a producer that has an id; throws `LOG_UNAVAILABLE` for brokers that are too old. @param cluster the producer's own from here on */
  static async connect(cluster: OwnCluster): Promise<IdempotentProducer> {
    await cluster.connect();
    await cluster.refreshMetadataIfNecessary();
    const broker = await cluster.findControllerBroker();
    requireProduce(broker);
    const { producerId, producerEpoch } = await broker.initProducerId({ transactionTimeout: TRANSACTION_TIMEOUT_MS });
    return new IdempotentProducer(cluster, { producerId: BigInt(producerId), producerEpoch });
  }

  private constructor(cluster: OwnCluster, id: ProducerId) {
    this.#cluster = cluster;
    this.#id = id;
  }

  async send(topic: string, partition: number, take: TakeBatch): Promise<bigint | undefined> {
    const leader = await this.#leaderOf(topic, partition).catch((error: unknown) => {
      this.#breakOffBehind(error);
      throw error;
    });
    const { promise, resolve, reject } = Promise.withResolvers<bigint | undefined>();
    this.#laneTo(leader).add({ topic, partition, take, resolve, reject });
    return promise;
  }

  discard(): void {
    this.#discarded = true;
    // Not awaited: with a dead connection it may hang for ever.
    this.#cluster.disconnect().catch(() => undefined);
  }

  async #leaderOf(topic: string, partition: number): Promise<string> {
    this.#requireKept();
    const cluster = this.#cluster;
    if (!cluster.isConnected()) await cluster.connect();
    if (!this.#topics.has(topic)) {
      await cluster.addTargetTopic(topic);
      this.#topics.add(topic);
    }
    // Not for the others: kafkajs refuses the metadata of all topics while one partition has no leader.
    if (this.#doubted.has(placeOf(topic, partition))) {
      await cluster.refreshMetadata();
      this.#doubted.delete(placeOf(topic, partition));
    } else await cluster.refreshMetadataIfNecessary();
    const [leader] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
    if (leader === undefined) throw new Error(`partition ${partition} of ${topic} has no leader`);
    return leader;
  }

  #laneTo(nodeId: string): LeaderLane {
    let lane = this.#lanes.get(nodeId);
    if (lane === undefined) {
      lane = new LeaderLane((turns) => this.#exchange(nodeId, turns));
      this.#lanes.set(nodeId, lane);
    }
    return lane;
  }

  async #exchange(nodeId: string, turns: readonly Turn[]): Promise<void> {
    try {
      await this.#brokerAt(nodeId);
    } catch (error) {
      this.#failed(turns, error);
      return;
    }
    for (const parts of requestsOf(await taken(turns))) await this.#request(nodeId, parts);
  }

  async #brokerAt(nodeId: string): Promise<InnerBroker> {
    this.#requireKept();
    const broker = await this.#cluster.findBroker({ nodeId });
    // Given up in the meantime: a successor may have sent these batches by now, and more behind them.
    this.#requireKept();
    return broker;
  }

  async #request(nodeId: string, parts: readonly Part[]): Promise<void> {
    let broker: InnerBroker | undefined;
    try {
      broker = await this.#brokerAt(nodeId);
      const batches = parts.map(({ turn: { topic, partition }, batch }) => {
        const sequence = this.#sequences.get(placeOf(topic, partition)) ?? 0;
        return { topic, partition, bytes: sealed(batch, { ...this.#id, sequence }) };
      });
      this.#answered(parts, await broker.connectionPool.send(produceRequest(batches)));
    } catch (error) {
      const turns = parts.map(({ turn }) => turn);
      this.#failed(turns, error);
      if (broker !== undefined) this.#forget(broker, error);
    }
  }

  /** Each partition for itself. */
  #answered(parts: readonly Part[], { topics }: ProduceAnswer): void {
    const answers = new Map(
      topics.flatMap(({ topicName, partitions }) =>
        partitions.map((answer) => [placeOf(topicName, answer.partition), answer] as const),
      ),
    );
    for (const { turn, batch } of parts) {
      const place = placeOf(turn.topic, turn.partition);
      const answer = answers.get(place);
      if (answer?.errorCode === 0 && Number(answer.baseOffset) >= 0) {
        this.#sequences.set(place, ((this.#sequences.get(place) ?? 0) + batch.count) % SEQUENCES);
        turn.resolve(BigInt(answer.baseOffset));
        continue;
      }
      // An answer without an offset is no acknowledgement.
      const isError = answer !== undefined && answer.errorCode !== 0;
      this.#failed(
        [turn],
        isError ? createErrorFromCode(answer.errorCode) : new Error('the broker answered without an offset'),
      );
    }
  }

  #failed(turns: readonly Turn[], error: unknown): void {
    this.#breakOffBehind(error);
    for (const { topic, partition, reject } of turns) {
      this.#doubted.add(placeOf(topic, partition));
      reject(error);
    }
  }

  /**
   * A connection that owes an answer may be dead without a word, and kafkajs goes on with it: nothing would come through until the
   * network tells, a quarter of an hour later, and every attempt would leave one more copy of its batches in memory. What is broken off with it
   * goes out again under the same numbers.
   */
  #breakOffBehind(error: unknown): void {
    if (isOverdue(error)) this.#cluster.breakOff();
  }

  /** A broker whose connection was closed is thrown away, as kafkajs does: what it has of the broker is in no state to be used again. */
  #forget(broker: InnerBroker, error: unknown): void {
    if (!(error instanceof Error) || error.name !== 'KafkaJSConnectionClosedError') return;
    broker.disconnect().catch(() => undefined);
    const { host, port } = broker.connectionPool;
    try {
      this.#cluster.removeBroker({ host, port });
    } catch {
      // kafkajs stumbles over a pool that it has emptied before; the next metadata fill it again
    }
  }

  #requireKept(): void {
    if (this.#discarded) throw new Error('the producer was given up');
  }
}

/** An answer that did not come, or what kafkajs makes of a connection whose first one did not. */
function isOverdue(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause)
    if (at.name === 'KafkaJSRequestTimeoutError' || at.message === 'Broker not connected') return true;
  return false;
}

async function taken(turns: readonly Turn[]): Promise<readonly Part[]> {
  const parts = await Promise.all(
    turns.map(async (turn): Promise<readonly Part[]> => {
      try {
        const batch = await turn.take();
        if (batch !== undefined) return [{ turn, batch }];
        turn.resolve(undefined);
      } catch (error) {
        turn.reject(error);
      }
      return [];
    }),
  );
  return parts.flat();
}

/** As few requests as there have to be: brokers bound them, too. */
function requestsOf(parts: readonly Part[]): readonly (readonly Part[])[] {
  const requests: Part[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const part of parts) {
    bytes += part.batch.bytes.length;
    if (bytes > MAX_REQUEST_BYTES) {
      requests.push([]);
      bytes = part.batch.bytes.length;
    }
    requests.at(-1)?.push(part);
  }
  return requests;
}

function placeOf(topic: string, partition: number): string {
  return `${topic}:${partition}`;
}
