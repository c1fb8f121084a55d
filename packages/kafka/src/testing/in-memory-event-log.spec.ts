import { describe, expect, it } from '@jest/globals';
import { eventLogContract } from '../event-log.contract.js';
import { GuardedStore } from './guarded-store.js';
import { InMemoryEventLog } from './in-memory-event-log.js';
import { idOf, numbered, until } from './records.js';

eventLogContract('InMemoryEventLog', async () => ({ log: new InMemoryEventLog(), prefix: '' }));

describe('InMemoryEventLog: what tests do with it', () => {
  it('keeps appends waiting while it is down, past their deadline, and writes them when it is up again', async () => {
    const log = new InMemoryEventLog();
    await log.createTopics([{ name: 't', partitions: 1 }]);
    const appender = await log.appender();
    log.down();
    const late = appender.append(numbered('t', 1), { deadlineMs: 10 });
    const patient = appender.append(numbered('t', 2));
    await expect(late).rejects.toMatchObject({ code: 'LOG_UNKNOWN', retryable: true });
    expect(appender.oldestUnacknowledgedMs()).toBeGreaterThan(0);
    log.up();
    await patient;
    expect(log.records('t').map(idOf)).toEqual([1, 2]);
  });

  it('gives the partitions of an expired member to another one, goes on with it as a zombie, and takes it back', async () => {
    const log = new InMemoryEventLog();
    await log.createTopics([{ name: 't', partitions: 1 }]);
    const appender = await log.appender();
    const [zombies, others] = [new GuardedStore(), new GuardedStore()];
    const zombie = await log.consume({ topic: 't', group: 'g', handler: zombies });
    const other = await log.consume({ topic: 't', group: 'g', handler: others });
    log.expire(zombie);
    await appender.append(numbered('t', 1));
    await Promise.all([until(() => zombies.effects.length === 1), until(() => others.effects.length === 1)]);
    log.rejoin(zombie);
    await other.stop(1_000);
    await appender.append(numbered('t', 2));
    await until(() => zombies.effects.length === 2);
    expect(others.effects).toHaveLength(1);
    await log.close();
  });

  it('tells a caller who waits for the fate nothing before that, at the latest when it is closed', async () => {
    const log = new InMemoryEventLog();
    await log.createTopics([{ name: 't', partitions: 1 }]);
    const appender = await log.appender();
    log.down();
    const patient = appender.append(numbered('t', 1), { deadlineMs: Number.POSITIVE_INFINITY });
    await expect(appender.append(numbered('t', 2), { deadlineMs: 5 })).rejects.toMatchObject({ code: 'LOG_UNKNOWN' });
    const refused = expect(patient).rejects.toMatchObject({ code: 'LOG_UNKNOWN' });
    await expect(appender.close(0)).resolves.toEqual({ unknown: 2 });
    await refused;
  });
});
