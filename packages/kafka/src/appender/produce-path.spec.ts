import { systemClock } from '@banyan/core';
import { describe, expect, it } from '@jest/globals';
import { until } from '../testing/records.js';
import { type SentRequest, scriptedCluster, settled } from '../testing/scripted-cluster.js';
import { PartitionCounts } from '../topics/partition-counts.js';
import { KafkaAppender } from './kafka-appender.js';
import { type AppenderSettings, DEFAULT_SETTINGS } from './settings.js';

/** From the queue to the bytes of a request, over brokers that answer as the test says. */
function anAppender(settings: Partial<AppenderSettings> = {}) {
  const scripted = scriptedCluster();
  const appender = new KafkaAppender({
    newCluster: scripted.cluster,
    counts: new PartitionCounts(async () => 3),
    settings: { ...DEFAULT_SETTINGS, ...settings },
    clock: systemClock,
    onState: () => undefined,
  });
  const append = (partition: number, key: string) =>
    appender.append({ topic: 't', key, value: null, headers: {}, partition }, { deadlineMs: 60_000 });
  /** Answers each request as `answer` says, until all are told. */
  const answering = async <T>(told: Promise<T>, answer: (request: SentRequest, index: number) => void): Promise<T> => {
    let over = false;
    void told.finally(() => {
      over = true;
    });
    for (let index = 0; !over; index += 1) {
      await until(() => over || scripted.sent.length > index);
      const request = scripted.sent[index];
      if (request !== undefined) answer(request, index);
    }
    return told;
  };
  return { ...scripted, appender, append, answering };
}

const MESSAGE_TOO_LARGE = 10;
const of = (sent: readonly SentRequest[], partition: number) =>
  sent.flatMap(({ batches }) => batches.get(partition) ?? []);
const keysOf = (sent: readonly SentRequest[], partition: number) => of(sent, partition).map(({ keys }) => keys);
const sequencesOf = (sent: readonly SentRequest[], partition: number) =>
  of(sent, partition).map(({ sequence }) => sequence);

describe('the way of a record to its broker', () => {
  it('tells a record that is too large from its neighbours, and leaves the other partitions of the request alone', async () => {
    const { append, answering, sent } = anAppender();
    const told = Promise.allSettled([append(0, 'a'), append(0, 'L'), append(0, 'c'), append(1, 'x'), append(2, 'y')]);
    const answers = await answering(told, (request) => {
      request.answer(request.batches.get(0)?.keys.includes('L') ? { 0: MESSAGE_TOO_LARGE } : {});
    });
    expect(answers).toMatchObject([
      { value: { partition: 0, offset: 0n } },
      { reason: { code: 'LOG_NOT_WRITTEN', data: { reason: 'refused' } } },
      { value: { partition: 0, offset: 0n } },
      { value: { partition: 1, offset: 100n } },
      { value: { partition: 2, offset: 200n } },
    ]);
    expect(keysOf(sent, 0)).toEqual(['aLc', 'a', 'L', 'c']);
    // What the broker refused takes no number: the next one has it.
    expect(sequencesOf(sent, 0)).toEqual([0, 0, 1, 1]);
    expect([keysOf(sent, 1), keysOf(sent, 2)]).toEqual([['x'], ['y']]);
    expect(new Set(of(sent, 0).map(({ producer }) => producer)).size).toBe(1);
  });

  it.each([
    ['OUT_OF_ORDER_SEQUENCE_NUMBER', 45],
    ['DUPLICATE_SEQUENCE_NUMBER', 46],
    ['INVALID_PRODUCER_EPOCH', 47],
    ['UNKNOWN_PRODUCER_ID', 59],
    ['PRODUCER_FENCED, which kafkajs does not know', 90],
  ])('sends the same records as a new producer, from 0 on, when the broker says %s', async (_said, code) => {
    const { append, answering, sent } = anAppender();
    await answering(append(0, 'a'), (request) => request.answer());
    const answered = sent.length;
    const told = Promise.all([append(0, 'b'), append(0, 'c')]);
    await answering(told, (request, index) => {
      if (index >= answered) request.answer(index === answered ? { 0: code } : {});
    });
    expect(keysOf(sent, 0)).toEqual(['a', 'bc', 'bc']);
    expect(sequencesOf(sent, 0)).toEqual([0, 1, 0]);
    expect(of(sent, 0).map(({ producer }) => producer)).toEqual(['4711/3', '4711/3', '4712/3']);
  });

  it.each([
    ['a restart of the broker', Object.assign(new Error('closed'), { name: 'KafkaJSConnectionClosedError' })],
    ['a reset', Object.assign(new Error('reset'), { name: 'KafkaJSConnectionError' })],
    ['an answer that does not come', new Error('Request timed out')],
    ['a fault of kafkajs', new TypeError('x of undefined')],
  ])('sends the same records under the same numbers behind %s', async (_what, error) => {
    const { append, answering, sent } = anAppender();
    const told = Promise.all([append(0, 'a'), append(0, 'b')]);
    await answering(told, (request, index) => (index < 2 ? request.fail(error) : request.answer()));
    const next = append(0, 'c');
    await answering(next, (request, index) => (index < 3 ? undefined : request.answer()));
    expect(keysOf(sent, 0)).toEqual(['ab', 'ab', 'ab', 'c']);
    expect(sequencesOf(sent, 0)).toEqual([0, 0, 0, 2]);
    expect(new Set(of(sent, 0).map(({ producer }) => producer)).size).toBe(1);
  });

  it('moves to the new leader of a partition, with its numbers, while the others stay', async () => {
    const { append, answering, sent, leaders } = anAppender();
    const told = Promise.all([append(0, 'a'), append(1, 'x')]);
    await answering(told, (request) => {
      const moved = leaders.get(0) === 'b';
      leaders.set(0, 'b');
      request.answer(moved ? {} : { 0: 6 });
    });
    expect(sent.flatMap(({ node, batches }) => [...batches.keys()].map((partition) => `${partition}@${node}`))).toEqual(
      expect.arrayContaining(['0@a', '0@b', '1@a']),
    );
    expect(sequencesOf(sent, 0)).toEqual([0, 0]);
    expect(keysOf(sent, 1)).toEqual(['x']);
  });

  it('follows a partition that moves while its request goes unanswered, and believes no answer of the old leader any more', async () => {
    const { append, sent, leaders } = anAppender();
    const told = append(0, 'a');
    await until(() => sent.length === 1);
    leaders.set(0, 'b');
    sent[0]?.fail(Object.assign(new Error('timed out'), { name: 'KafkaJSRequestTimeoutError' }));
    await until(() => sent.length === 2);
    sent[1]?.answer();
    expect(await told).toEqual({ partition: 0, offset: 0n });
    const next = append(0, 'b');
    await until(() => sent.length === 3);
    // It comes late, for what is acknowledged already.
    sent[0]?.answer();
    await settled();
    sent[2]?.answer();
    await next;
    expect(sent.map(({ node, batches }) => [node, batches.get(0)?.keys, batches.get(0)?.sequence])).toEqual([
      ['a', 'a', 0],
      ['b', 'a', 0],
      ['b', 'b', 1],
    ]);
  });

  it('believes no answer to an attempt that was given up: it is not that of the next one, and moves no numbers', async () => {
    const { append, sent } = anAppender({ watchdogMs: 300 });
    const first = append(0, 'a');
    await until(() => sent.length === 2);
    sent[1]?.answer();
    expect(await first).toEqual({ partition: 0, offset: 0n });
    let told = false;
    const next = append(0, 'b').finally(() => {
      told = true;
    });
    await until(() => sent.length === 3);
    // Of the producer that was given up.
    sent[0]?.answer();
    await settled();
    expect(told).toBe(false);
    sent[2]?.answer();
    await next;
    expect(of(sent, 0).map(({ keys, sequence, producer }) => [keys, sequence, producer])).toEqual([
      ['a', 0, '4711/3'],
      ['a', 0, '4712/3'],
      ['b', 1, '4712/3'],
    ]);
  });

  it('sends nothing more once it was closed, and tells what waited for its turn that it is not written', async () => {
    const { appender, append, sent } = anAppender();
    const told = Promise.allSettled([append(0, 'a'), append(0, 'b')]);
    await until(() => sent.length === 1);
    const behind = Promise.allSettled([append(0, 'c'), append(1, 'x')]);
    await settled();
    expect(await appender.close(0)).toEqual({ unknown: 2 });
    sent[0]?.answer();
    await settled();
    expect(await told).toMatchObject([{ reason: { code: 'LOG_UNKNOWN' } }, { reason: { code: 'LOG_UNKNOWN' } }]);
    expect(await behind).toMatchObject([
      { reason: { code: 'LOG_NOT_WRITTEN', data: { reason: 'stopping' } } },
      { reason: { code: 'LOG_NOT_WRITTEN', data: { reason: 'stopping' } } },
    ]);
    expect(sent).toHaveLength(1);
  });
});
