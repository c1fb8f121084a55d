import { createErrorFromCode, type InnerBroker, type InnerCluster } from '../kafkajs/internals.js';
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
  readonly #cluster: InnerCluster;
  readonly #id: ProducerId;
  readonly #topics = new Set<string>();
  readonly #lanes = new Map<string, LeaderLane>();
  /** By partition: that of the first record which is not acknowledged. */
  readonly #sequences = new Map<string, number>();
  /** Something went wrong: leaders may have changed. */
  #stale = false;
  #discarded = false;

  /** Resolves with a producer that has an id; throws `LOG_UNAVAILABLE` for brokers that are too old. @param cluster the producer's own from here on */
  static async connect(cluster: InnerCluster): Promise<IdempotentProducer> {
    await cluster.connect();
    await cluster.refreshMetadataIfNecessary();
    const broker = await cluster.findControllerBroker();
    requireProduce(broker);
    const { producerId, producerEpoch } = await broker.initProducerId({ transactionTimeout: TRANSACTION_TIMEOUT_MS });
    return new IdempotentProducer(cluster, { producerId: BigInt(producerId), producerEpoch });
  }

  private constructor(cluster: InnerCluster, id: ProducerId) {
    this.#cluster = cluster;
    this.#id = id;
  }

  async send(topic: string, partition: number, take: TakeBatch): Promise<bigint | undefined> {
    const leader = await this.#leaderOf(topic, partition);
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
    if (this.#stale) {
      await cluster.refreshMetadata();
      this.#stale = false;
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
    let broker: InnerBroker;
    try {
      this.#requireKept();
      broker = await this.#cluster.findBroker({ nodeId });
    } catch (error) {
      this.#stale = true;
      for (const { reject } of turns) reject(error);
      return;
    }
    for (const parts of requestsOf(await taken(turns))) await this.#request(broker, parts);
  }

  async #request(broker: InnerBroker, parts: readonly Part[]): Promise<void> {
    try {
      // A successor may have sent these batches by now, and more behind them.
      this.#requireKept();
      const batches = parts.map(({ turn: { topic, partition }, batch }) => {
        const sequence = this.#sequences.get(placeOf(topic, partition)) ?? 0;
        return { topic, partition, bytes: sealed(batch, { ...this.#id, sequence }) };
      });
      const { topics } = await broker.connectionPool.send(produceRequest(batches));
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
        this.#stale = true;
        // An answer without an offset is no acknowledgement.
        turn.reject(
          answer === undefined || answer.errorCode === 0
            ? new Error('the broker answered without an offset')
            : createErrorFromCode(answer.errorCode),
        );
      }
    } catch (error) {
      this.#stale = true;
      for (const { turn } of parts) turn.reject(error);
      this.#forget(broker, error);
    }
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
