import { describe, expect, it } from '@jest/globals';
import type { Appender, EventLog } from '../event-log.js';
import { unavailable } from '../log-errors.js';
import { InMemoryEventLog } from '../testing/in-memory-event-log.js';
import { numbered, until } from '../testing/records.js';
import { Canary } from './canary.js';

const TOPIC = 'acks';

/** A canary over a real appender, or over one that tells something else than it did. */
async function makeBench({ lie = (appender: Appender) => appender, read }: Partial<BenchOptions> = {}) {
  const log = new InMemoryEventLog();
  await log.createTopics([{ name: TOPIC, partitions: 1 }]);
  const reads: string[] = [];
  const lost: Error[] = [];
  const canary = new Canary({
    log: { read: read ?? ((...range) => log.read(...range)) },
    everyMs: 1,
    missingPauseMs: 1,
    onRead: (kind) => reads.push(kind),
    onLost: (error) => lost.push(error),
  });
  return { log, reads, lost, canary, appender: canary.over(lie(await log.appender())) };
}

interface BenchOptions {
  lie(appender: Appender): Appender;
  read: EventLog['read'];
}

/** What kafkajs does behind a lost answer: it acknowledges a record with the place of the one before, and never writes it. */
const notWriting =
  (from: number) =>
  (appender: Appender): Appender => {
    let last = { partition: 0, offset: 0n };
    let appended = 0;
    return {
      ...appender,
      append: async (record) => {
        appended += 1;
        if (appended < from) last = await appender.append(record);
        return last;
      },
    };
  };

describe('Canary', () => {
  it('finds what was acknowledged where it was acknowledged', async () => {
    const { appender, canary, reads, lost } = await makeBench();
    for (let number = 0; number < 5; number += 1) {
      await appender.append(numbered(TOPIC, number));
      await canary.look();
    }
    expect([reads, lost]).toEqual([Array(5).fill('same'), []]);
  });

  it('tells of an acknowledged record in whose place another lies, once, with what to do', async () => {
    const { appender, canary, reads, lost } = await makeBench({ lie: notWriting(2) });
    await appender.append(numbered(TOPIC, 1));
    await canary.look();
    await appender.append(numbered(TOPIC, 2));
    for (let times = 0; times < 20; times += 1) await canary.look();
    expect(reads).toEqual(['same', 'other', ...Array(19).fill('same')]);
    expect(lost).toMatchObject([
      { code: 'LOG_ACK_LOST', data: { topic: TOPIC, partition: 0, offset: '0', id: '2', found: '1' } },
    ]);
    expect(lost[0]?.message).toContain('banyan trace');
  });

  it('tells of an acknowledged record that the log does not reach', async () => {
    const beyond = (appender: Appender): Appender => ({
      ...appender,
      append: async (record) => ({ ...(await appender.append(record)), offset: 7n }),
    });
    const { appender, canary, reads, lost } = await makeBench({ lie: beyond });
    await appender.append(numbered(TOPIC, 1));
    await canary.look();
    expect(reads).toEqual(['missing']);
    expect(lost).toMatchObject([{ code: 'LOG_ACK_LOST', data: { offset: '7', id: '1', found: null } }]);
  });

  it('believes a log that is too short at the third look only', async () => {
    let short = 2;
    const { log, ...bench } = await makeBench({
      read: (topic, partition, from, to) => log.read(topic, partition, from, short-- > 0 ? to + 10n : to),
    });
    await bench.appender.append(numbered(TOPIC, 1));
    await bench.canary.look();
    expect([bench.reads, bench.lost]).toEqual([['same'], []]);
  });

  it('alarms nobody when Kafka does not answer, and looks again', async () => {
    let away = true;
    const { log, ...bench } = await makeBench({
      read: (...range) => {
        if (away) throw unavailable('reading', new Error('away'));
        return log.read(...range);
      },
    });
    await bench.appender.append(numbered(TOPIC, 1));
    await bench.canary.look();
    away = false;
    await bench.canary.look();
    expect([bench.reads, bench.lost]).toEqual([['unread', 'same'], []]);
  });

  it('looks by itself until it is stopped, and passes on what the appender says', async () => {
    const { appender, canary, reads } = await makeBench();
    await appender.append(numbered(TOPIC, 1));
    expect(await appender.partitionOf(TOPIC, 'key')).toBe(0);
    expect(appender.oldestUnacknowledgedMs()).toBe(0);
    canary.start();
    await until(() => reads.length > 2);
    await canary.stop();
    const before = reads.length;
    await appender.close(0);
    await expect(appender.append(numbered(TOPIC, 2))).rejects.toMatchObject({ code: 'LOG_NOT_WRITTEN' });
    expect(reads).toHaveLength(before);
  });
});
