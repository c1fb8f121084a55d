import type { Codec } from '@banyan/contracts';
import { InMemoryEventLog } from '@banyan/kafka/testing';
import { topicOf } from '@banyan/transformer';
import { expect, it } from '@jest/globals';
import { counter } from '../testing/counter.js';
import { LogWriter } from './log-writer.js';

it('refuses early when the head of its queue is older than 10 s, and takes appends again when that is acknowledged', async () => {
  let nowMs = 0;
  const log = new InMemoryEventLog({ clock: { now: () => nowMs, monotonic: () => nowMs } });
  const topic = topicOf(counter);
  await log.createTopics([{ name: topic, partitions: 1 }]);
  const writer = new LogWriter(log, { prepare: async () => undefined } as Codec, '', [counter]);
  expect(writer.away()).toBe('not connected yet');
  await writer.prepare();
  log.down();
  const waiting = writer.append({ topic, key: 'a', value: null, headers: {} });
  nowMs = 10_000;
  expect(writer.away()).toBeUndefined();
  writer.requireReady();
  nowMs = 10_501;
  expect(writer.away()).toBe('a record waits for Kafka since 11 s');
  expect(() => writer.requireReady()).toThrow(expect.objectContaining({ code: 'API_LOG_AWAY', status: 503 }));
  log.up();
  await waiting;
  expect(writer.away()).toBeUndefined();
  writer.requireReady();
});
