import { describe, expect, it } from '@jest/globals';
import { createClient } from '../kafkajs/client.js';
import { createCluster } from '../kafkajs/cluster.js';
import { Sockets } from '../kafkajs/sockets.js';
import { topicMissing } from '../log-errors.js';
import { numbered, until } from '../testing/records.js';
import { PartitionCounts } from '../topics/partition-counts.js';
import { KafkaAppender } from './kafka-appender.js';
import { type AppenderSettings, DEFAULT_SETTINGS } from './settings.js';

/** An appender that never reaches a broker: what it does before the first attempt. */
function makeAppender(settings: Partial<AppenderSettings>, count: () => Promise<number>) {
  let nowMs = 0;
  const appender = new KafkaAppender({
    newCluster: () => createCluster({ brokers: ['127.0.0.1:1'], clientId: 'spec', sockets: new Sockets(), logger }),
    counts: new PartitionCounts(count),
    settings: { ...DEFAULT_SETTINGS, ...settings },
    clock: { now: () => nowMs, monotonic: () => nowMs },
    onState: () => undefined,
  });
  return { appender, tick: (ms: number) => (nowMs += ms) };
}

const logger = createClient({ brokers: ['127.0.0.1:1'], clientId: 'spec' }).logger();
const never = () => new Promise<number>(() => undefined);
const refusedFor = (reason: string) => ({ code: 'LOG_NOT_WRITTEN', data: { reason } });

describe('KafkaAppender before its first attempt', () => {
  it('refuses more records than it holds, at once, and takes more when there is room', async () => {
    const { appender, tick } = makeAppender({ maxQueuedRecords: 2 }, never);
    const held = [1, 2].map((n) => appender.append(numbered('t', n)));
    await expect(appender.append(numbered('t', 3))).rejects.toMatchObject({
      ...refusedFor('queue-full'),
      retryable: true,
    });
    tick(70);
    expect(appender.oldestUnacknowledgedMs()).toBe(70);
    void appender.close(0);
    for (const one of held) await expect(one).rejects.toMatchObject(refusedFor('stopping'));
    expect(appender.oldestUnacknowledgedMs()).toBe(0);
  });

  it('refuses more bytes than it holds', async () => {
    const { appender } = makeAppender({ maxQueuedBytes: 1_000 }, never);
    const held = appender.append(numbered('t', 1, { value: Buffer.alloc(500) }));
    await expect(appender.append(numbered('t', 2, { value: Buffer.alloc(500) }))).rejects.toMatchObject(
      refusedFor('queue-full'),
    );
    void appender.close(0);
    await expect(held).rejects.toMatchObject(refusedFor('stopping'));
  });

  it('keeps a record whose caller waits no longer', async () => {
    const { appender } = makeAppender({ maxQueuedRecords: 1 }, never);
    await expect(appender.append(numbered('t', 1), { deadlineMs: 5 })).rejects.toMatchObject({ code: 'LOG_UNKNOWN' });
    await expect(appender.append(numbered('t', 2))).rejects.toMatchObject(refusedFor('queue-full'));
    await expect(appender.close(0)).resolves.toEqual({ unknown: 0 });
  });

  it('tells a caller who waits for the fate nothing before that, at the latest when it is closed', async () => {
    const { appender } = makeAppender({ deadlineMs: 1 }, never);
    let told = false;
    const patient = appender.append(numbered('t', 1), { deadlineMs: Number.POSITIVE_INFINITY });
    patient.catch(() => {
      told = true;
    });
    await expect(appender.append(numbered('t', 2))).rejects.toMatchObject({ code: 'LOG_UNKNOWN' });
    await expect(appender.append(numbered('t', 3))).rejects.toMatchObject({ code: 'LOG_UNKNOWN' });
    expect(told).toBe(false);
    void appender.close(0);
    await expect(patient).rejects.toMatchObject(refusedFor('stopping'));
  });

  it('believes that a topic is missing at the third answer, and asks again for the next record', async () => {
    let asked = 0;
    const { appender } = makeAppender({}, async () => {
      asked += 1;
      throw topicMissing('t');
    });
    await expect(appender.append(numbered('t', 1))).rejects.toMatchObject(refusedFor('topic-missing'));
    expect(asked).toBe(3);
    await expect(appender.append(numbered('t', 2))).rejects.toMatchObject(refusedFor('topic-missing'));
    expect(asked).toBe(6);
    await appender.close(0);
  });

  it('asks for the partition count until it is told', async () => {
    let asked = 0;
    const { appender } = makeAppender({}, async () => {
      asked += 1;
      if (asked < 3) throw new Error('Kafka is away');
      return 2;
    });
    const refused = appender.append(numbered('t', 1, { partition: 2 }));
    await expect(refused).rejects.toMatchObject(refusedFor('no-such-partition'));
    await until(() => asked === 3);
    await appender.close(0);
  });
});
