import { type Codec, plainHeaders, RECEIPTS_TOPIC, topicName } from '@banyan/contracts';
import { EventHandled } from '@banyan/contracts/events/banyan.receipt.v1';
import { newId } from '@banyan/core';
import { InMemoryEventLog } from '@banyan/kafka/testing';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { ReceiptBook } from './receipt-book.js';

const json = { decode: async (_: string, value: Buffer) => JSON.parse(value.toString()) } as Codec;
const topic = topicName('test.', RECEIPTS_TOPIC);
const KEY = '0190a0a0-0000-7000-8000-000000000001';

describe('what the porter told of each version', () => {
  let log: InMemoryEventLog;
  let book: ReceiptBook;

  beforeEach(async () => {
    log = new InMemoryEventLog();
    await log.createTopics([{ name: topic, partitions: 2 }]);
    book = new ReceiptBook(log, json, 'test.', { entity: 'order', port: 'backend' });
  });

  async function told(version: number, { id = newId(), outcome = 'ported', port = 'backend' } = {}): Promise<void> {
    const body = { entity: 'order', key: KEY, eventId: newId(), port, outcome, version };
    const headers = plainHeaders({ id, type: EventHandled.name, source: 'test', timeMs: 0, subject: KEY });
    const appender = await log.appender();
    await appender.append({ topic, key: KEY, value: Buffer.from(JSON.stringify(body)), headers });
  }

  it('is in order where each version was ported once; a receipt that comes again, and what others tell, is nothing new', async () => {
    await told(1, { id: 'one' });
    await told(1, { id: 'one' });
    await told(1, { port: 'billing' });
    await told(2, { outcome: 'parked' });
    await told(2);
    expect(await book.read()).toEqual([]);
    await told(1, { id: 'one' });
    await told(4);
    expect(await book.read()).toEqual([]);
  });

  it('is doubled where a version was ported twice, and covered where an older one was ported behind it', async () => {
    await told(2);
    await book.read();
    await told(2);
    await told(1);
    expect(await book.read()).toMatchObject([
      { promise: 'P8', kind: 'doubled' },
      { promise: 'P4', kind: 'covered' },
    ]);
  });
});
