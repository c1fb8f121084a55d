import type { Appender } from '@banyan/kafka';
import { InMemoryEventLog } from '@banyan/kafka/testing';
import { describe, expect, it } from '@jest/globals';
import { type AcksReadBack, readAcksBack } from './acks-read-back.js';

const TOPIC = 'acks';

async function aSample({ lies }: { readonly lies: boolean }) {
  const log = new InMemoryEventLog();
  await log.createTopics([{ name: TOPIC, partitions: 1 }]);
  const errors: { code: unknown; message: string }[] = [];
  const { promise: read, resolve: told } = Promise.withResolvers<string>();
  const acks: AcksReadBack = readAcksBack({
    log: { appender: async () => lying(await log.appender(), lies), read: (...range) => log.read(...range) },
    reader: log,
    readsPerMinute: 60_000,
    logger: {
      error: (fields: object, message: string) =>
        void errors.push({ ...fields, code: 'code' in fields && fields.code, message }),
    } as never,
    onRead: told,
  });
  return { acks, errors, read, appender: await acks.log.appender() };
}

/** Acknowledges with the place of the record before. */
function lying(appender: Appender, lies: boolean): Appender {
  if (!lies) return appender;
  return {
    append: async (record, options) => {
      const { partition, offset } = await appender.append(record, options);
      return { partition, offset: offset - 1n };
    },
    oldestUnacknowledgedMs: () => appender.oldestUnacknowledgedMs(),
    partitionOf: (topic, key) => appender.partitionOf(topic, key),
    close: (timeoutMs) => appender.close(timeoutMs),
  };
}

const record = (id: string) => ({ topic: TOPIC, key: 'k', value: null, headers: { ce_id: id } });

describe('acknowledgements that are read back', () => {
  it('are told as an error, with what to do, where another record lies', async () => {
    const { acks, errors, read, appender } = await aSample({ lies: true });
    await appender.append({ ...record('first'), headers: {} });
    await appender.append(record('second'));
    acks.start();
    expect(await read).toBe('other');
    await acks.stop();
    expect(errors).toMatchObject([{ code: 'LOG_ACK_LOST', message: expect.stringContaining('banyan trace') }]);
  });

  it('say nothing where all is well', async () => {
    const { acks, errors, read, appender } = await aSample({ lies: false });
    await appender.append(record('first'));
    acks.start();
    expect(await read).toBe('same');
    await acks.stop();
    expect(errors).toEqual([]);
  });
});
