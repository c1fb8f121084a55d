import { describe, expect, it } from '@jest/globals';
import { eventLogContract } from '../event-log.contract.js';
import { InMemoryEventLog } from './in-memory-event-log.js';
import { idOf, numbered } from './records.js';

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
});
