import { RECEIPTS_TOPIC, topicName } from '@banyan/contracts';
import type { EventLog } from '@banyan/kafka';
import { type Pool, query } from '@banyan/postgres';
import { type AnyEntity, topicOf } from '@banyan/transformer';

export interface LogSides {
  readonly log: Pick<EventLog, 'ends'>;
  readonly topicPrefix: string;
}

/** Where a consumer's store stands in one partition. */
export interface StoredPosition {
  readonly partition: number;
  /** Offset of the next record. */
  readonly next: number;
}

/** The consumer of receipts in schema `v2`: links come from it. */
const RECEIPTS_CONSUMER = 'receipts';

/**
 * Records that a store has not passed, by the log's own ends. The lag that a process tells is that of its own partitions, and a URL in
 * front of several processes reaches one of them: what it does not know of would look like nothing. Throws `LOG_UNAVAILABLE`,
 * `LOG_TOPIC_MISSING`.
 */
export async function recordsBehind(
  { log, topicPrefix }: LogSides,
  topic: string,
  positions: readonly StoredPosition[],
): Promise<number> {
  const next = new Map(positions.map((one) => [one.partition, BigInt(one.next)]));
  const ends = await log.ends(topicName(topicPrefix, topic));
  const behind = ends.map(({ partition, low, high }) => {
    const at = next.get(partition) ?? 0n;
    return Number(high - (at < low ? low : at));
  });
  return behind.reduce((sum, records) => sum + Math.max(0, records), 0);
}

/** The projector's part: of the entities, and of the receipts. */
export async function projectorBehind(
  sides: LogSides & { readonly v2: Pool },
  entities: readonly AnyEntity[],
): Promise<readonly { readonly consumer: string; readonly records: number }[]> {
  const consumers = [
    ...entities.map((entity) => ({ consumer: entity.name, topic: topicOf(entity) })),
    { consumer: RECEIPTS_CONSUMER, topic: RECEIPTS_TOPIC },
  ];
  return Promise.all(
    consumers.map(async ({ consumer, topic }) => {
      const positions = await query<StoredPosition & object>(
        sides.v2,
        'select partition, next_offset as next from v2.sink_offset where consumer = $1',
        [consumer],
      );
      return { consumer, records: await recordsBehind(sides, topic, positions) };
    }),
  );
}
