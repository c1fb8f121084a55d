import { eventHeaders, type LogRecord, markerHeaders } from '@banyan/contracts';
import { type EventHeaders, FIRST_AUTHORITY, fold, NEVER_SEEN } from '@banyan/core';
import { foldLog, honestLog, keyStateOf, type LogEntry, type PartitionState } from '@banyan/core/testing';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { learnOutcome, scanOutcome } from './outcome.js';

async function* records(log: readonly LogEntry[]): AsyncIterable<LogRecord> {
  for (const [index, entry] of log.entries()) {
    const place = { topic: 't', partition: 0, offset: BigInt(index), timestampMs: 0, value: null };
    const meta = { source: 'spec', timeMs: 0, type: 't.v1.E' };
    if (entry.type === 'marker') {
      yield { ...place, key: null, headers: markerHeaders(entry.marker, { ...meta, id: 'm', subject: 't' }) };
    } else {
      const {
        id = '',
        origin = 'api',
        expectedVersion = 0,
        epoch = 0,
        liveness = 'live',
        contentHash,
        key,
      } = entry.headers;
      const headers = { ...meta, id, origin, expectedVersion, epoch, liveness, contentHash, subject: key };
      yield { ...place, key, headers: eventHeaders(headers) };
    }
  }
}

const native = (id: string, expectedVersion: number): EventHeaders => ({
  key: '00000000-0000-4000-8000-000000000042',
  id,
  origin: 'api',
  expectedVersion,
  epoch: 0,
  liveness: 'live',
  contentHash: undefined,
});

describe('learnOutcome', () => {
  it('never takes another writer for the own event because the version got bigger', () => {
    const { keyState } = fold(FIRST_AUTHORITY, NEVER_SEEN, native('other', 0));
    expect(learnOutcome(FIRST_AUTHORITY, keyState, native('own', 0))).toEqual({ type: 'known', outcome: 'conflict' });
    expect(learnOutcome(FIRST_AUTHORITY, keyState, native('other', 0))).toEqual({
      type: 'known',
      outcome: 'effective',
    });
  });

  it('sends to the log when the ring has moved past the version', () => {
    let keyState = NEVER_SEEN;
    for (let version = 0; version < 20; version += 1) {
      keyState = fold(FIRST_AUTHORITY, keyState, native(`e${version}`, version)).keyState;
    }
    expect(learnOutcome(FIRST_AUTHORITY, keyState, native('e1', 1))).toEqual({ type: 'scan' });
  });

  it('agrees with the fold about every event, however much later it is asked', async () => {
    await fc.assert(
      fc.asyncProperty(honestLog(120), async (log) => {
        const steps = foldLog(log);
        const seen = new Set<string>();
        for (const [index, { entry, before, after, outcome }] of steps.entries()) {
          const id = entry.type === 'event' ? entry.headers.id : undefined;
          if (entry.type !== 'event' || id === undefined || seen.has(id)) continue;
          seen.add(id);
          const { headers } = entry;
          const versionOf = (partition: PartitionState) => keyStateOf(partition, headers.key).version;
          const raised = versionOf(after) > versionOf(before);
          for (let later = index; later < steps.length; later += 5) {
            const now = steps[later]?.after ?? after;
            const learned = learnOutcome(now.authority, keyStateOf(now, headers.key), headers);
            if (learned.type === 'known') expect(learned.outcome === 'effective').toBe(raised);
            else expect(versionOf(now)).toBeGreaterThan((headers.expectedVersion ?? 0) + 1);
          }
          const noted = { authority: FIRST_AUTHORITY, keyState: NEVER_SEEN };
          expect(await scanOutcome(records(log), noted, { key: headers.key, id })).toBe(outcome);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('scanOutcome', () => {
  it('is undefined when the event is not among the records', async () => {
    expect(
      await scanOutcome(records([]), { authority: FIRST_AUTHORITY, keyState: NEVER_SEEN }, { key: 'k', id: 'x' }),
    ).toBeUndefined();
  });
});
