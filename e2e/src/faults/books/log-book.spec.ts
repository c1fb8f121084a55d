import { type Codec, eventHeaders, topicName } from '@banyan/contracts';
import { OrderPlaced, OrderRevised } from '@banyan/contracts/events/northwind.order.v1';
import { newId } from '@banyan/core';
import { InMemoryEventLog } from '@banyan/kafka/testing';
import { entityNamed } from '@banyan/migration';
import { topicOf } from '@banyan/transformer';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { LogBook } from './log-book.js';

const entity = entityNamed('order');
const topic = topicName('test.', topicOf(entity));
const json = { decode: async (_: string, value: Buffer) => JSON.parse(value.toString()) } as Codec;
const KEY = '0190a0a0-0000-7000-8000-000000000001';

describe('the log, folded at one go', () => {
  let log: InMemoryEventLog;
  let book: LogBook;

  beforeEach(async () => {
    log = new InMemoryEventLog();
    await log.createTopics([{ name: topic, partitions: 2 }]);
    book = new LogBook({ log, codec: json, entity, topicPrefix: 'test.' });
  });

  async function append(type: string, expectedVersion: number, { id = newId(), value = {} as object | null } = {}) {
    const meta = { id, type, source: 'test', timeMs: 0, subject: KEY, epoch: 0, liveness: 'live' } as const;
    const headers = eventHeaders({ ...meta, origin: 'api', expectedVersion });
    const appender = await log.appender();
    const placedAt = '2026-01-01T00:00:00Z';
    const bytes = value === null ? null : Buffer.from(JSON.stringify({ placedAt, shippedOn: null, ...value }));
    await appender.append({ topic, key: KEY, value: bytes, headers });
  }

  it('counts each action once, however often its event is there, and goes on where it stood', async () => {
    await append(OrderPlaced.name, 0, { id: 'placed' });
    await append(OrderPlaced.name, 0, { id: 'placed' });
    await append(OrderRevised.name, 0);
    await book.read();
    book.mark();
    expect([book.natives(KEY), book.since(KEY).natives, book.takeFresh()]).toEqual([1, 0, [KEY]]);
    await append(OrderRevised.name, 1);
    await book.read();
    expect([book.natives(KEY), book.since(KEY).natives, book.state(KEY)?.keyState.version]).toEqual([2, 1, 2]);
  });

  it('has a key stand behind what cannot be read', async () => {
    await append(OrderPlaced.name, 0);
    await append(OrderRevised.name, 1, { value: null });
    await book.read();
    expect(book.state(KEY)).toMatchObject({ parked: true, appliedVersion: 1, keyState: { version: 2 } });
  });
});
