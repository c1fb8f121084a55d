import type { NewRecord } from '@banyan/contracts';
import kafkajs from 'kafkajs';
import type { Position } from '../../event-log.js';
import { createKafkaEventLog, type KafkaEventLogOptions } from '../../kafka-event-log.js';
import { createClient, SHORT_RETRY } from '../../kafkajs/client.js';

/** A way to produce that is on trial. */
export interface Arm {
  /** Hands the records over in one turn; each promise settles when that record's caller is told. */
  send(records: readonly NewRecord[]): readonly Promise<Position>[];
  /** How often it took another producer: the one excuse for a record that lies twice. */
  rebuilds(): number;
  close(): Promise<void>;
}

/** Both arms give a request up after this. The link is late by more. */
export const REQUEST_TIMEOUT_MS = 1_500;
export const LATE_MS = 2_200;

/** Ours. */
export async function appenderArm(brokers: string, appender: KafkaEventLogOptions['appender'] = {}): Promise<Arm> {
  let connected = 0;
  const log = createKafkaEventLog({
    brokers: [brokers],
    clientId: 'conformance',
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    appender: { deadlineMs: 180_000, ...appender },
    onState: (change) => {
      if (change.part === 'appender' && change.state === 'connected') connected += 1;
    },
  });
  const its = await log.appender();
  return {
    send: (records) => records.map((record) => its.append(record)),
    rebuilds: () => connected - 1,
    close: () => log.close(),
  };
}

/**
 * What must fail: kafkajs' idempotent producer as it comes, each caller with a `send()` of its own. Behind a lost answer the next send gets
 * the sequence number of the one that went unanswered; the broker takes it for a repeat, acknowledges it, and does not write it.
 */
export async function concurrentIdempotentArm(brokers: string, { retries = 20 } = {}): Promise<Arm> {
  const client = createClient({ brokers: [brokers], clientId: 'must-fail', requestTimeoutMs: REQUEST_TIMEOUT_MS });
  const producer = client.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    retry: { ...SHORT_RETRY, retries },
  });
  await producer.connect();
  const send = async (records: readonly NewRecord[]): Promise<{ partition: number; offset: bigint }> => {
    const [first] = records;
    if (first === undefined) throw new RangeError('nothing to send');
    const messages = records.map(({ key, value, headers, partition }) => ({
      key,
      value,
      headers: { ...headers },
      ...(partition === undefined ? {} : { partition }),
    }));
    const [answer] = await producer.send({ topic: first.topic, acks: -1, timeout: 1_000, messages });
    if (answer?.baseOffset === undefined) throw new Error('an answer without an offset');
    return { partition: answer.partition, offset: BigInt(answer.baseOffset) };
  };
  return {
    send: (records) => {
      const sent = send(records);
      return records.map(async (_, index) => {
        const { partition, offset } = await sent;
        return { partition, offset: offset + BigInt(index) };
      });
    },
    rebuilds: () => 0,
    close: () => producer.disconnect(),
  };
}
