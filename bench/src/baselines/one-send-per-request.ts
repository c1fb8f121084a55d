import type { Appender } from '@banyan/kafka';
import kafkajs from 'kafkajs';
import { kafkaOf } from './kafkajs-client.js';

/**
 * Each request sends its own record and waits for it, many at once, acknowledged by all.
 * @param idempotent as ours is: what a careful engineer sets, without knowing that kafkajs loses records with it. Else kafkajs' defaults
 */
export async function oneSendPerRequest(
  brokers: string,
  { idempotent }: { readonly idempotent: boolean },
): Promise<Appender['append']> {
  const producer = kafkaOf(brokers).producer({
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
    ...(idempotent ? { idempotent, maxInFlightRequests: 1 } : {}),
  });
  await producer.connect();
  return async ({ topic, partition, key, value, headers }) => {
    const message = { key, value, headers: { ...headers }, ...(partition === undefined ? {} : { partition }) };
    const [sent] = await producer.send({ topic, acks: -1, messages: [message] });
    return { partition: sent?.partition ?? 0, offset: BigInt(sent?.baseOffset ?? 0) };
  };
}
