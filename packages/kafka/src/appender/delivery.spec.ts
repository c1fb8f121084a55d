import { describe, expect, it } from '@jest/globals';
import type { Position } from '../event-log.js';
import { keysIn } from '../testing/kafkajs-batches.js';
import type { BatchProducer } from './batch-producer.js';
import { deliver } from './delivery.js';
import type { QueuedRecord } from './partition-queue.js';
import { DEFAULT_SETTINGS } from './settings.js';

type Answer = string | Error | 'never';

/** Producers that answer from a script: an offset, an error, or nothing at all; `unsent` is an error before anything went out. */
function makeBench(answers: (Answer | { readonly unsent: Error })[], watchdogMs = 60_000) {
  const sent: { readonly partition: number; readonly bytes: Buffer }[] = [];
  const settled: Record<string, Position | unknown> = {};
  const givingUp = new AbortController();
  let producers = 1;
  const producer = (): BatchProducer => ({
    send: async (_topic, partition, take) => {
      const answer = answers.shift() ?? 'never';
      if (typeof answer === 'object' && 'unsent' in answer) throw answer.unsent;
      const batch = await take();
      if (batch === undefined) return undefined;
      sent.push({ partition, bytes: Buffer.from(batch.bytes) });
      if (answer instanceof Error) throw answer;
      if (answer === 'never') return new Promise(() => undefined);
      return BigInt(answer);
    },
    discard: () => undefined,
  });
  let current = producer();
  const context = {
    producers: {
      get: async () => current,
      rebuild: (used: BatchProducer) => {
        if (used !== current) return;
        producers += 1;
        current = producer();
      },
    },
    settings: { ...DEFAULT_SETTINGS, watchdogMs },
    givingUp: givingUp.signal,
    onRetry: () => undefined,
  };
  const record = (key: string): QueuedRecord => ({
    key,
    value: Buffer.from(key),
    headers: { ce_id: key },
    bytes: 10,
    queuedAtMs: 0,
    written: (position) => {
      settled[key] = position;
    },
    refused: (error) => {
      settled[key] = error;
    },
  });
  const deliverAll = (records: readonly QueuedRecord[]) =>
    deliver(context, { topic: 't', partition: 2, take: () => records });
  return {
    sent,
    settled,
    givingUp,
    producers: () => producers,
    record,
    deliver: (...keys: string[]) => deliverAll(keys.map(record)),
    deliverRecord: (one: QueuedRecord) => deliverAll([one]),
    keys: () => Promise.all(sent.map(({ bytes }) => keysIn(bytes))),
  };
}

const broker = (type: string) => Object.assign(new Error(type), { type });
const wrapped = (type: string) => new Error('gave up', { cause: broker(type) });

describe('deliver', () => {
  it('answers each record with its own offset', async () => {
    const bench = makeBench(['41']);
    await bench.deliver('a', 'b');
    expect(bench.settled).toEqual({ a: { partition: 2, offset: 41n }, b: { partition: 2, offset: 42n } });
  });

  it('sends the same bytes in the same order until it has an answer, whatever went wrong', async () => {
    const bench = makeBench([
      new TypeError('x of undefined'),
      new Error('timed out'),
      wrapped('NOT_LEADER_FOR_PARTITION'),
      '7',
    ]);
    await bench.deliver('a', 'b', 'c');
    expect(bench.sent).toHaveLength(4);
    for (const request of bench.sent) expect(request).toEqual(bench.sent[0]);
    expect(bench.sent[0]?.partition).toBe(2);
    expect(bench.producers()).toBe(1);
    expect(bench.settled.c).toEqual({ partition: 2, offset: 9n });
  });

  it('takes a new producer when the broker has lost its sequence, and sends the same batch', async () => {
    const bench = makeBench([broker('OUT_OF_ORDER_SEQUENCE_NUMBER'), '3']);
    await bench.deliver('a', 'b');
    expect(bench.producers()).toBe(2);
    expect(await bench.keys()).toEqual(['ab', 'ab']);
  });

  it('takes a new producer when the old one says nothing at all', async () => {
    const bench = makeBench(['never', '3'], 20);
    await bench.deliver('a');
    expect(bench.producers()).toBe(2);
    expect(bench.settled.a).toEqual({ partition: 2, offset: 3n });
  });

  it('splits a refused batch, in order, and refuses the bad record alone', async () => {
    const bench = makeBench([wrapped('MESSAGE_TOO_LARGE'), '3', wrapped('MESSAGE_TOO_LARGE'), '4']);
    await bench.deliver('a', 'b', 'c');
    expect(await bench.keys()).toEqual(['abc', 'a', 'b', 'c']);
    expect(bench.settled).toMatchObject({
      a: { offset: 3n },
      b: { code: 'LOG_NOT_WRITTEN', data: { reason: 'refused' } },
      c: { offset: 4n },
    });
  });

  it('does not call a record unwritten when an earlier attempt went unanswered', async () => {
    const bench = makeBench([new Error('timed out'), broker('TOPIC_AUTHORIZATION_FAILED')]);
    await bench.deliver('a');
    expect(bench.settled.a).toMatchObject({ code: 'LOG_UNKNOWN' });
  });

  it('calls a record unwritten that was refused before anything went out, however often that was tried', async () => {
    const bench = makeBench([{ unsent: new Error('no leader') }, { unsent: broker('TOPIC_AUTHORIZATION_FAILED') }]);
    await bench.deliver('a');
    expect(bench.settled.a).toMatchObject({ code: 'LOG_NOT_WRITTEN' });
    expect(bench.producers()).toBe(1);
  });

  it('takes a new producer behind a record that is refused and may be written: the next one would pass for its repeat', async () => {
    const bench = makeBench([new Error('timed out'), broker('TOPIC_AUTHORIZATION_FAILED'), '3']);
    await bench.deliver('a');
    expect(bench.producers()).toBe(2);
    await bench.deliver('b');
    expect(bench.settled).toMatchObject({ a: { code: 'LOG_UNKNOWN' }, b: { offset: 3n } });
  });

  it('does not call the records of a split batch unwritten when the batch went unanswered before', async () => {
    const refused = () => broker('TOPIC_AUTHORIZATION_FAILED');
    const bench = makeBench([new Error('timed out'), refused(), refused(), refused()]);
    await bench.deliver('a', 'b');
    expect(await bench.keys()).toEqual(['ab', 'ab', 'a', 'b']);
    expect(bench.settled).toMatchObject({ a: { code: 'LOG_UNKNOWN' }, b: { code: 'LOG_UNKNOWN' } });
  });

  it('takes one new producer for a batch that is refused and may be written, not one for each of its records', async () => {
    const refused = () => broker('TOPIC_AUTHORIZATION_FAILED');
    const bench = makeBench([new Error('timed out'), refused(), refused(), refused(), refused(), '7']);
    await bench.deliver('a', 'b', 'c');
    expect(bench.producers()).toBe(2);
    await bench.deliver('d');
    expect(bench.settled).toMatchObject({ c: { code: 'LOG_UNKNOWN' }, d: { offset: 7n } });
    expect(bench.producers()).toBe(2);
  });

  it('takes a new producer again when one of a split batch goes unanswered and is refused', async () => {
    const refused = () => broker('TOPIC_AUTHORIZATION_FAILED');
    const bench = makeBench([refused(), new Error('timed out'), refused(), '7']);
    await bench.deliver('a', 'b');
    expect(bench.producers()).toBe(2);
    expect(bench.settled).toMatchObject({ a: { code: 'LOG_UNKNOWN' }, b: { offset: 7n } });
  });

  it('sends nothing where everything was withdrawn', async () => {
    const bench = makeBench(['3']);
    await bench.deliver();
    expect(bench.sent).toEqual([]);
  });

  it('makes a batch anew that could not be made: it is not what it was once for all', async () => {
    const bench = makeBench(['3', '4']);
    let failed = false;
    const headers = new Proxy(
      { ce_id: 'a' },
      {
        ownKeys: (of) => {
          if (failed) return Reflect.ownKeys(of);
          failed = true;
          throw new RangeError('no memory');
        },
      },
    );
    await bench.deliverRecord({ ...bench.record('a'), headers });
    expect(bench.settled.a).toEqual({ partition: 2, offset: 4n });
    expect(bench.sent).toHaveLength(1);
  });

  it('tells what is unknown when it has to give up on the way', async () => {
    const bench = makeBench(['never']);
    const delivered = bench.deliver('a');
    await new Promise((resolve) => setImmediate(resolve));
    bench.givingUp.abort();
    await delivered;
    expect(bench.settled.a).toMatchObject({ code: 'LOG_UNKNOWN' });
  });
});
