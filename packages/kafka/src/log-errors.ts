import { BanyanError } from '@banyan/core';

export type NotWrittenReason =
  | 'queue-full'
  | 'too-large'
  | 'stopping'
  | 'refused'
  | 'topic-missing'
  | 'no-such-partition';

/** Certainly not in the log; only `too-large`, `refused` and `no-such-partition` will not heal by themselves. */
export function notWritten(reason: NotWrittenReason, topic: string, why: string, cause?: unknown): BanyanError {
  const retryable = reason === 'queue-full' || reason === 'stopping' || reason === 'topic-missing';
  return new BanyanError('LOG_NOT_WRITTEN', `A record for topic ${topic} was not written: ${why}`, {
    retryable,
    data: { topic, reason },
    cause,
  });
}

export function unknownFate(topic: string, why: string, cause?: unknown): BanyanError {
  return new BanyanError(
    'LOG_UNKNOWN',
    `It is not known whether a record for topic ${topic} is in the log: ${why}; append the same bytes again under the same event id to find out.`,
    { retryable: true, data: { topic }, cause },
  );
}

/** @param found the event that lies in its place; undefined = the log does not reach there, or no longer */
export function ackLost(
  ack: { readonly topic: string; readonly partition: number; readonly offset: bigint; readonly id: string },
  found: string | undefined,
): BanyanError {
  const { topic, partition, id } = ack;
  const offset = String(ack.offset);
  const instead = found === undefined ? 'the log has nothing there' : `event ${found || 'without an id'} lies there`;
  return new BanyanError(
    'LOG_ACK_LOST',
    `Kafka acknowledged event ${id} at offset ${offset} of ${topic}[${partition}], and ${instead}: an acknowledged write may be lost. ` +
      'Look for it with `banyan trace`; where it is nowhere, have its request sent again. Then see whether a broker became leader without being in sync, a topic was made anew, or kafkajs was replaced.',
    { data: { topic, partition, offset, id, found: found ?? null } },
  );
}

export function topicMissing(topic: string, cause?: unknown): BanyanError {
  return new BanyanError(
    'LOG_TOPIC_MISSING',
    `Topic ${topic} does not exist; Banyan never creates one by accident: create it with createTopics() and check the topic prefix.`,
    { data: { topic }, cause },
  );
}

export function unavailable(doing: string, cause: unknown): BanyanError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new BanyanError(
    'LOG_UNAVAILABLE',
    `Kafka did not answer while ${doing} (${reason}); it is tried again when asked again, check the brokers if it lasts.`,
    { retryable: true, cause },
  );
}

/** History between the stored position and the log is lost: going on would skip records unnoticed. */
export function offsetGap(topic: string, partition: number, data: Readonly<Record<string, bigint>>): BanyanError {
  const values = Object.entries(data).map(([name, value]) => `${name} ${value}`);
  return new BanyanError(
    'LOG_OFFSET_GAP',
    `Partition ${partition} of ${topic} does not continue where the store stands (${values.join(', ')}); ` +
      'records were deleted or the topic was made anew, and nothing was skipped. Restore the topic, or rebuild the store from offset 0 of a whole log.',
    { data: { topic, partition, ...Object.fromEntries(Object.entries(data).map(([k, v]) => [k, String(v)])) } },
  );
}

/** kafkajs gave the member up, again and again, for something that no waiting mends. */
export function consumerRefused(topic: string, group: string, times: number, cause: Error): BanyanError {
  return new BanyanError(
    'LOG_CONSUMER_REFUSED',
    `Kafka, or its client, gave up consumer ${group} of ${topic} ${times} times in a row (${cause.message}), and nothing was skipped. ` +
      'Look whether it may read the topic and use the group, and whether anybody else uses the group in another way; it is tried again when the process is started again.',
    { data: { topic, group, times }, cause },
  );
}

export function outOfRange(
  topic: string,
  partition: number,
  asked: { from: bigint; to: bigint },
  is: { low: bigint; high: bigint },
): BanyanError {
  return new BanyanError(
    'LOG_OUT_OF_RANGE',
    `Offsets [${asked.from}, ${asked.to}) of partition ${partition} of ${topic} cannot be read: the log holds [${is.low}, ${is.high}); ask ends() first.`,
    {
      data: {
        topic,
        partition,
        from: String(asked.from),
        to: String(asked.to),
        low: String(is.low),
        high: String(is.high),
      },
    },
  );
}

export function partitionCountDiffers(topic: string, is: number, wanted: number): BanyanError {
  return new BanyanError(
    'LOG_PARTITION_COUNT',
    `Topic ${topic} has ${is} partitions, ${wanted} are declared; another count would move keys to other partitions and break their order. ` +
      `Declare ${is}, or copy the topic into a new one with ${wanted}.`,
    { data: { topic, is, wanted } },
  );
}

export function notCaughtUp(
  group: string,
  timeoutMs: number,
  missing: readonly string[],
  cause?: unknown,
): BanyanError {
  return new BanyanError(
    'LOG_NOT_CAUGHT_UP',
    `Group ${group} has not caught up within ${timeoutMs} ms (${missing.join('; ') || 'the ends of the topic are not known'}); look at its lag and its last error.`,
    { retryable: true, data: { group, timeoutMs, missing }, cause },
  );
}
