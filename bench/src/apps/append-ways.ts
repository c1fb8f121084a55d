import { type Appender, createKafkaEventLog, type EventLog } from '@banyan/kafka';
import { oneSendPerRequest } from '../baselines/one-send-per-request.js';

/** How new-api's events come into the log: as they do, with a send for each, as safe as ours is set or as kafkajs comes, or not at all. */
export type AppendWay = 'ours' | 'one-send' | 'one-plain-send' | 'none';

/** Changes what every log of this process gives as its appender, so that all else of the route stays what it is. */
export async function appendBy(way: AppendWay, brokers: string): Promise<void> {
  if (way === 'ours') return;
  const append = way === 'none' ? nowhere() : await oneSendPerRequest(brokers, { idempotent: way === 'one-send' });
  const prototype = Object.getPrototypeOf(createKafkaEventLog({ brokers: brokers.split(','), clientId: 'bench' })) as {
    appender(this: EventLog): Promise<Appender>;
  };
  const { appender } = prototype;
  prototype.appender = async function (this: EventLog): Promise<Appender> {
    const real = await appender.call(this);
    return {
      append,
      partitionOf: (topic, key) => real.partitionOf(topic, key),
      oldestUnacknowledgedMs: () => 0,
      close: (timeoutMs) => real.close(timeoutMs),
    };
  };
}

function nowhere(): Appender['append'] {
  let next = 0n;
  return async ({ partition = 0 }) => {
    next += 1n;
    return { partition, offset: next };
  };
}
