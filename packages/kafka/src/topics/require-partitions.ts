import type { EventLog } from '../event-log.js';
import { partitionCountDiffers } from '../log-errors.js';

/**
 * For who appends: with another number of partitions its keys would go to other partitions than those of their earlier events. Throws
 * `LOG_PARTITION_COUNT`, and what `ends` throws.
 */
export async function requirePartitions(log: Pick<EventLog, 'ends'>, topic: string, wanted: number): Promise<void> {
  const is = (await log.ends(topic)).length;
  if (is !== wanted) throw partitionCountDiffers(topic, is, wanted);
}
