import type { Appender } from '@banyan/kafka';
import kafkajs from 'kafkajs';
import { kafkaOf } from './kafkajs-client.js';

/** Each request sends its own record and waits for it, many at once: kafkajs' defaults, acknowledged by all. */
export async function oneSendPerRequest(brokers: string): Promise<Appender['append']> {
  const producer = kafkaOf(brokers).producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await producer.connect();
  return async ({ topic, partition, key, value, headers }) => {
    const message = { key, value, headers: { ...headers }, ...(partition === undefined ? {} : { partition }) };
    const [sent] = await producer.send({ topic, acks: -1, messages: [message] });
    return { partition: sent?.partition ?? 0, offset: BigInt(sent?.baseOffset ?? 0) };
  };
}
