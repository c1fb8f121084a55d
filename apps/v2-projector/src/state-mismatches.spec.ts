import { MISMATCHES_TOPIC } from '@banyan/contracts';
import { StateMismatchFound } from '@banyan/contracts/events/banyan.mismatch.v1';
import type { EventHandledData } from '@banyan/contracts/events/banyan.receipt.v1';
import { inMemoryCodec } from '@banyan/contracts/testing';
import { newId } from '@banyan/core';
import { InMemoryEventLog } from '@banyan/kafka/testing';
import { NO_STATE } from '@banyan/postgres';
import { describe, expect, it } from '@jest/globals';
import { type StateMismatch, stateMismatch, stateMismatches } from './state-mismatches.js';

const receipt: EventHandledData = {
  entity: 'order',
  key: newId(),
  eventId: 'e3',
  port: 'backend',
  outcome: 'ported',
  version: 3,
  transformerVersion: 2,
  stateHash: 'other',
  legacyId: '41',
  rowHash: null,
  whole: false,
  operation: 'update',
  reason: null,
  atMs: 0,
};
const stored = { ...NO_STATE, appliedVersion: 3, transformerVersion: 2, stateHash: 'hash' };

describe('a receipt of another state', () => {
  it('is a mismatch where version and definition are the same', () => {
    const { key } = receipt;
    const same = { entity: 'order', key, port: 'backend', version: 3, transformerVersion: 2, eventId: 'e3' };
    expect(stateMismatch(receipt, stored)).toEqual({ ...same, v2Hash: 'hash', portHash: 'other' });
    expect(stateMismatch(receipt, { ...stored, stateHash: undefined })).toMatchObject({ v2Hash: null });
    expect(stateMismatch({ ...receipt, stateHash: null }, stored)).toMatchObject({ portHash: null });
  });

  it.each([
    ['has the same state', { ...stored, stateHash: 'other' }],
    ['is further', { ...stored, appliedVersion: 4 }],
    ['is behind', { ...stored, appliedVersion: 2 }],
    ['stands', { ...stored, parked: true }],
    ['was made by another version of the definition', { ...stored, transformerVersion: 1 }],
    ['does not know the key', undefined],
  ])('is none where V2 %s', (_, state) => {
    expect(stateMismatch(receipt, state)).toBeUndefined();
  });

  it('is told, and appended with what both say', async () => {
    const log = new InMemoryEventLog();
    await log.createTopics([{ name: MISMATCHES_TOPIC, partitions: 1 }]);
    const codec = await inMemoryCodec([StateMismatchFound]);
    const told: StateMismatch[] = [];
    const appended = Promise.withResolvers<void>();
    const found = stateMismatches({
      log: {
        appender: async () => {
          const appender = await log.appender();
          const append: typeof appender.append = async (...record) => {
            const position = await appender.append(...record);
            appended.resolve();
            return position;
          };
          return { ...({} as typeof appender), append };
        },
      },
      codec,
      prefix: '',
      instance: 'v2-projector-0',
      newId: () => 'm1',
      clock: { now: () => 7 },
      onFound: (mismatch) => void told.push(mismatch),
      onError: appended.reject,
    });
    const mismatch = stateMismatch(receipt, stored);
    if (mismatch === undefined) throw new Error('a mismatch');
    found(mismatch);
    await appended.promise;
    const [record] = log.records(MISMATCHES_TOPIC);
    expect([told, record?.key, record?.headers.ce_causationid]).toEqual([[mismatch], receipt.key, 'e3']);
    expect(await codec.decode(StateMismatchFound.name, record?.value ?? null)).toEqual({
      ...mismatch,
      instance: 'v2-projector-0',
      foundAtMs: 7,
    });
  });
});
