import { CONTROL_TOPIC, type Codec, plainHeaders } from '@banyan/contracts';
import { inMemoryCodec } from '@banyan/contracts/testing';
import { BanyanError, newId, systemClock } from '@banyan/core';
import { InMemoryEventLog } from '@banyan/kafka/testing';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { controlContract } from './control.contract.js';
import type { Control } from './control.js';
import { CONTROL_TYPES } from './control-event.js';
import { entityControl } from './control-state.js';
import { createControl } from './create-control.js';

const OPEN = { type: 'banyan.control.v1.EntityOpened', data: { subject: 'entity:order' } } as const;
const TOPIC = { name: `test-${CONTROL_TOPIC}`, partitions: 1 };

let log: InMemoryEventLog;
let codec: Codec;
const opened: Control[] = [];

function control(
  instance = 'test-0',
  over: Partial<{ log: InMemoryEventLog; codec: Codec; pollMs: number }> = {},
): Control {
  const options = { log, codec, topicPrefix: 'test-', newId, clock: systemClock, pollMs: 1, ...over };
  const made = createControl({ ...options, instance });
  opened.push(made);
  return made;
}

beforeEach(async () => {
  log = new InMemoryEventLog();
  codec = await inMemoryCodec(CONTROL_TYPES);
  await log.createTopics([TOPIC]);
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
  await log.close();
});

controlContract('the control log on a log', async () => {
  const own = new InMemoryEventLog();
  await own.createTopics([TOPIC]);
  return createControl({
    log: own,
    codec: await inMemoryCodec(CONTROL_TYPES),
    topicPrefix: 'test-',
    instance: 'test-0',
    newId,
    clock: systemClock,
    pollMs: 1,
  });
});

describe('following', () => {
  it('shows every process the same, also one that starts later', async () => {
    const [ann, bob] = [control('ann'), control('bob')];
    await Promise.all([ann.append(OPEN), bob.append(OPEN)]);
    const later = control('later');
    await later.follow();
    expect(later.state()).toEqual(ann.state());
    expect(later.history().map(({ accepted }) => accepted)).toEqual([true, false]);
    expect(entityControl(later.state(), 'order').opened).toBe(true);
  });

  it('reads on before a look that must not be old', async () => {
    const slow = control('slow', { pollMs: 60_000 });
    await slow.follow();
    await control('ann').append(OPEN);
    expect(entityControl(slow.state(), 'order').opened).toBe(false);
    await slow.follow();
    expect(entityControl(slow.state(), 'order').opened).toBe(true);
  });

  it('lets exactly one of many writers at once win', async () => {
    const writers = Array.from({ length: 8 }, (_, i) => control(`writer-${i}`));
    await Promise.all(writers.map((writer) => writer.follow()));
    const answers = await Promise.all(writers.map((writer) => writer.append(OPEN, { expectedVersion: 0 })));
    expect(answers.filter(({ accepted }) => accepted)).toHaveLength(1);
    const winner = writers[answers.findIndex(({ accepted }) => accepted)];
    for (const answer of answers) {
      if (!answer.accepted) expect(`${answer.by}`).toBe(winner?.state().last['entity:order']?.by);
    }
  });

  it('begins with the log away or the topic missing, says why, and heals', async () => {
    const bare = new InMemoryEventLog();
    const early = control('early', { log: bare });
    const caughtUp = early.follow();
    while (early.lastError() === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(early.caughtUp()).toBe(false);
    expect(early.lastError()).toMatchObject({ code: 'LOG_TOPIC_MISSING' });
    await bare.createTopics([TOPIC]);
    await caughtUp;
    expect(early.lastError()).toBeUndefined();
    expect(early.caughtUp()).toBe(true);
    await early.close();
    await bare.close();
  });

  it('waits for a registry that is away, and skips nothing meanwhile', async () => {
    await control('ann').append(OPEN);
    let away = true;
    const decode: Codec['decode'] = (type, value) =>
      away
        ? Promise.reject(new BanyanError('CONTRACTS_REGISTRY_DOWN', 'It is away.', { retryable: true }))
        : codec.decode(type, value);
    const other = control('other', { codec: { ...codec, decode } });
    const caughtUp = other.follow();
    while (other.lastError() === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(other.history()).toEqual([]);
    away = false;
    await caughtUp;
    expect(entityControl(other.state(), 'order').opened).toBe(true);
  });

  it('gives no effect to what it cannot read, keeps it in the history, and goes on', async () => {
    const appender = await log.appender();
    for (const [id, type] of [
      ['one', 'banyan.control.v1.EntityOpened'],
      ['two', 'banyan.control.v1.FromTheFuture'],
    ] as const) {
      const headers = plainHeaders({ id, type, source: 'x', timeMs: 0, subject: 'entity:order' });
      await appender.append({ topic: TOPIC.name, partition: 0, key: null, value: Buffer.from('?'), headers });
    }
    await appender.append({ topic: TOPIC.name, partition: 0, key: null, value: null, headers: {} });
    const reader = control();
    await reader.append(OPEN);
    expect(reader.history().map(({ type, accepted }) => [type, accepted])).toEqual([
      ['EntityOpened', false],
      ['FromTheFuture', false],
      ['', false],
      ['EntityOpened', true],
    ]);
  });
});

describe('writing', () => {
  it('ends when the process does, without a verdict', async () => {
    const writer = control();
    await writer.follow();
    log.down();
    const writing = writer.append(OPEN);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const closed = writer.close();
    await expect(writing).rejects.toMatchObject({ code: 'CONTROL_UNKNOWN', retryable: true });
    log.up();
    await closed;
  });

  it('is refused at once where the data is not valid, and nothing is in the log', async () => {
    const wrong = { type: 'banyan.control.v1.MoveFenced', data: { subject: 'entity:order', epoch: 1.5 } } as const;
    await expect(control().append(wrong)).rejects.toMatchObject({ code: 'CONTRACTS_INVALID_DATA' });
    expect(log.records(TOPIC.name)).toEqual([]);
  });

  it('does not wait for ever for a log that cannot be read', async () => {
    jest.useFakeTimers();
    try {
      const writing = control('test-0', { log: new InMemoryEventLog() }).append(OPEN);
      const refused = expect(writing).rejects.toMatchObject({ code: 'CONTROL_UNAVAILABLE', retryable: true });
      await jest.advanceTimersByTimeAsync(10_000);
      await refused;
    } finally {
      jest.useRealTimers();
    }
  });
});
