import { describe, expect, it } from '@jest/globals';
import { createKafkaEventLog } from './kafka-event-log.js';
import { numbered } from './testing/records.js';
import { type LineLog, toldTo } from './told-to.js';

interface Written {
  readonly level: string;
  readonly message: string;
  readonly fields: Record<string, unknown>;
}

function aLog() {
  const lines: Written[] = [];
  const write = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, message, fields: { ...fields } });
  let nowMs = 0;
  const log: LineLog = { info: write('info'), warn: write('warn') };
  const told = toldTo(log, { monotonic: () => nowMs });
  return { log, lines, told, tick: (ms: number) => (nowMs += ms) };
}

const consumer = { part: 'consumer', topic: 't', group: 'app.t' } as const;

describe('what an event log tells', () => {
  it('is a line for each change of a state, also of those that come and go', () => {
    const { told, lines } = aLog();
    for (const state of ['running', 'rebalancing', 'running'] as const) {
      told.onState({ ...consumer, state, error: undefined });
    }
    told.onState({ part: 'appender', state: 'connected' });
    expect(lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      'info: consumer app.t is running',
      'info: consumer app.t is rebalancing',
      'info: consumer app.t is running',
      'info: the appender is connected to Kafka',
    ]);
  });

  it('is a warning where it heals, and leaves the reason of a crash to who ends the process', () => {
    const { told, lines } = aLog();
    const error = Object.assign(new Error('not the coordinator'), { type: 'NOT_COORDINATOR_FOR_GROUP' });
    told.onState({ ...consumer, state: 'rebalancing', error });
    told.onState({ ...consumer, state: 'crashed', error });
    told.onState({ part: 'appender', state: 'retrying', topic: 't', partition: 3, error });
    told.onLog({ level: 'error', message: 'Connection: refused', data: {} });
    expect(lines).toMatchObject([
      { level: 'warn', message: 'consumer app.t is rebalancing: not the coordinator', fields: { group: 'app.t' } },
      { level: 'info', message: 'consumer app.t is crashed', fields: { state: 'crashed' } },
      { level: 'warn', message: 'records for t wait, Kafka did not take them: not the coordinator' },
      { level: 'warn', message: 'Connection: refused' },
    ]);
  });

  it('is the same trouble once in ten seconds, and then how often it was left out', () => {
    const { told, lines, tick } = aLog();
    for (let times = 0; times < 25; times += 1) {
      told.onLog({ level: 'warn', message: 'Connection: refused', data: { broker: 'a:1' } });
      told.onLog({ level: 'warn', message: 'Connection: timed out', data: {} });
      tick(1_000);
    }
    expect(lines.filter(({ message }) => message.endsWith('refused')).map(({ fields }) => fields)).toEqual([
      { broker: 'a:1' },
      { broker: 'a:1', untold: 9 },
      { broker: 'a:1', untold: 9 },
    ]);
    expect(lines).toHaveLength(6);
  });

  it('is nothing of what kafkajs holds beside places and errors', () => {
    const { told, lines } = aLog();
    const data = {
      broker: 'a:1',
      error: 'refused',
      sasl: { password: 'secret-word' },
      stack: 'at',
      payload: 'secret-word',
    };
    told.onLog({ level: 'error', message: 'Connection: refused', data });
    expect(lines[0]?.fields).toEqual({ broker: 'a:1', error: 'refused' });
  });

  it('says that nobody answers, and does not flood', async () => {
    const { log, lines } = aLog();
    const eventLog = createKafkaEventLog({ brokers: ['127.0.0.1:1'], clientId: 'spec', ...toldTo(log) });
    const appender = await eventLog.appender();
    const late = appender.append(numbered('t', 1), { deadlineMs: 1_500 });
    await expect(late).rejects.toMatchObject({ code: 'LOG_UNKNOWN' });
    await appender.close(0);
    await eventLog.close();
    expect(lines.map(({ message }) => message).join('\n')).toMatch(/^Connection: .*127\.0\.0\.1:1/m);
    expect(lines.map(({ message }) => message).join('\n')).toContain('records for t wait, Kafka did not take them');
    expect(new Set(lines.map(({ message }) => message)).size).toBe(lines.length);
  });
});
