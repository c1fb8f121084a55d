import { describe, expect, it } from '@jest/globals';
import type { Producer, ProducerRecord } from 'kafkajs';
import type { Position } from '../event-log.js';
import { deliver } from './delivery.js';
import type { QueuedRecord } from './partition-queue.js';
import { DEFAULT_SETTINGS } from './settings.js';

type Answer = string | Error | 'never';

/** Producers that answer from a script: an offset, an error, or nothing at all. */
function makeBench(answers: Answer[], watchdogMs = 60_000) {
  const sent: ProducerRecord[] = [];
  const settled: Record<string, Position | unknown> = {};
  const givingUp = new AbortController();
  let producers = 1;
  const producer = () =>
    ({
      send: async (request: ProducerRecord) => {
        sent.push(structuredClone(request));
        const answer = answers.shift() ?? 'never';
        if (answer instanceof Error) throw answer;
        if (answer === 'never') return new Promise(() => undefined);
        return answer === '' ? [] : [{ baseOffset: answer }];
      },
    }) as unknown as Producer;
  let current = producer();
  const context = {
    producers: {
      get: async () => current,
      rebuild: (used: Producer) => {
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
  return {
    sent,
    settled,
    givingUp,
    producers: () => producers,
    deliver: (...keys: string[]) => deliver(context, { topic: 't', partition: 2, records: keys.map(record) }),
    keys: () => sent.map(({ messages }) => messages.map(({ key }) => key).join('')),
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
    expect(bench.sent[0]?.messages.every(({ partition }) => partition === 2)).toBe(true);
    // By all replicas that are in sync.
    expect(bench.sent[0]?.acks).toBe(-1);
    expect(bench.producers()).toBe(1);
    expect(bench.settled.c).toEqual({ partition: 2, offset: 9n });
  });

  it('does not take an answer without an offset for an acknowledgement', async () => {
    const bench = makeBench(['', '3']);
    await bench.deliver('a');
    expect(bench.sent).toHaveLength(2);
    expect(bench.settled.a).toEqual({ partition: 2, offset: 3n });
  });

  it('takes a new producer when the broker has lost its sequence, and sends the same batch', async () => {
    const bench = makeBench([broker('OUT_OF_ORDER_SEQUENCE_NUMBER'), '3']);
    await bench.deliver('a', 'b');
    expect(bench.producers()).toBe(2);
    expect(bench.keys()).toEqual(['ab', 'ab']);
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
    expect(bench.keys()).toEqual(['abc', 'a', 'b', 'c']);
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

  it('does not call the records of a split batch unwritten when the batch went unanswered before', async () => {
    const refused = () => broker('TOPIC_AUTHORIZATION_FAILED');
    const bench = makeBench([new Error('timed out'), refused(), refused(), refused()]);
    await bench.deliver('a', 'b');
    expect(bench.keys()).toEqual(['ab', 'ab', 'a', 'b']);
    expect(bench.settled).toMatchObject({ a: { code: 'LOG_UNKNOWN' }, b: { code: 'LOG_UNKNOWN' } });
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
