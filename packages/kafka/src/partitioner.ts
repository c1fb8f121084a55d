import kafkajs, { type PartitionMetadata } from 'kafkajs';

const choose = kafkajs.Partitioners.DefaultPartitioner();
const metadataOfCount = new Map<number, PartitionMetadata[]>();

/**
 * The partition of a key: murmur2 over its UTF-8 bytes, as every Kafka client computes it. Records without a key take the
 * partitions in turn.
 */
export function partitionFor(topic: string, key: string | null, partitionCount: number): number {
  return choose({ topic, partitionMetadata: metadataFor(partitionCount), message: { key, value: null } });
}

/** kafkajs asks for metadata and looks at its length; leaders are its own matter at the time of sending. */
function metadataFor(count: number): PartitionMetadata[] {
  const known = metadataOfCount.get(count);
  if (known !== undefined) return known;
  const made = Array.from({ length: count }, (_, partitionId) => ({
    partitionId,
    leader: 0,
    partitionErrorCode: 0,
    replicas: [],
    isr: [],
  }));
  metadataOfCount.set(count, made);
  return made;
}
