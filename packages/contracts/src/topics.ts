/** Partitions of a topic unless said otherwise. Never changed later: a key would move to another partition. */
export const TOPIC_PARTITIONS = 12;

/** Topics of Banyan itself, by what they carry. */
export const RECEIPTS_TOPIC = 'banyan.receipts.v1';
export const CONTROL_TOPIC = 'banyan.control.v1';
export const MISMATCHES_TOPIC = 'banyan.mismatches.v1';

const PLATFORM_TOPICS: readonly string[] = [RECEIPTS_TOPIC, CONTROL_TOPIC, MISMATCHES_TOPIC];

/** A topic as the cluster knows it. @param prefix `TOPIC_PREFIX`, '' for none; lets several environments share a cluster */
export function topicName(prefix: string, topic: string): string {
  return `${prefix}${topic}`;
}

/** What a topic must be; the shape that the log's `createTopics` takes. */
export interface TopicPlan {
  readonly name: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
}

/**
 * Every topic of an installation: those of the entities, then Banyan's own. All are kept for ever. The control log has one
 * partition, since "first writer wins" needs one order.
 * @param entityTopics without prefix, `northwind.order.v1`
 */
export function topicSpecs(prefix: string, entityTopics: readonly string[]): readonly TopicPlan[] {
  return [...entityTopics, ...PLATFORM_TOPICS].map((topic) => ({
    name: topicName(prefix, topic),
    partitions: topic === CONTROL_TOPIC ? 1 : TOPIC_PARTITIONS,
    config: { 'retention.ms': '-1', 'retention.bytes': '-1', 'cleanup.policy': 'delete' },
  }));
}
