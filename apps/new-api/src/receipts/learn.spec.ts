import { eventHeaders, type LogRecord, markerHeaders } from '@banyan/contracts';
import {
  BanyanError,
  type EventHeaders,
  FIRST_AUTHORITY,
  isNativeOrigin,
  NEVER_SEEN,
  type Outcome,
} from '@banyan/core';
import {
  EMPTY_PARTITION,
  foldLog,
  honestLog,
  KEYS,
  keyStateOf,
  type LogEntry,
  type PartitionState,
} from '@banyan/core/testing';
import { NO_STATE, type ReadState } from '@banyan/postgres';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { learn } from './learn.js';
import type { KeptReceipt } from './receipt-store.js';

const TOPIC = 'test.counter.v1';
const [KEY] = KEYS;

function recordOf(entry: LogEntry, offset: number): LogRecord {
  const place = { topic: TOPIC, partition: 0, offset: BigInt(offset), timestampMs: 0, value: null };
  if (entry.type === 'marker') {
    const meta = { id: 'm', source: 'spec', timeMs: 0, subject: TOPIC };
    return { ...place, key: null, headers: markerHeaders(entry.marker, meta) };
  }
  return { ...place, key: entry.headers.key, headers: headersOf(entry.headers) };
}

function headersOf({ key, id = '', origin = 'api', expectedVersion = 0, epoch = 0, ...rest }: EventHeaders) {
  const { liveness = 'live', contentHash } = rest;
  const meta = { source: 'spec', timeMs: 0, type: 'test.counter.v1.E', subject: key };
  return eventHeaders({ ...meta, id, origin, expectedVersion, epoch, liveness, contentHash });
}

interface Asked {
  /** How many records the projector has folded. */
  readonly folded: number;
  /** Where Kafka acknowledged the event; undefined = it did not say. */
  readonly offset?: number;
  readonly kept?: Partial<KeptReceipt>;
  readonly logAway?: boolean;
}

/** What is learned of an event of `log` once the projector has folded so many records of it. */
function learned(log: readonly LogEntry[], headers: EventHeaders, { folded, offset, kept, logAway }: Asked) {
  const steps = foldLog(log);
  const partition: PartitionState = folded === 0 ? EMPTY_PARTITION : (steps[folded - 1]?.after ?? EMPTY_PARTITION);
  const keyState = keyStateOf(partition, headers.key);
  const state: ReadState = {
    ...NO_STATE,
    keyState,
    appliedVersion: keyState.version,
    nextOffset: BigInt(folded),
    authority: partition.authority,
    epoch: partition.authority.epoch,
  };
  const receipt: KeptReceipt = {
    eventId: headers.id ?? '',
    entity: 'counter',
    record: { topic: TOPIC, partition: 0, key: headers.key, headers: headersOf(headers) },
    noted: { nextOffset: 0n, authority: FIRST_AUTHORITY, keyState: NEVER_SEEN },
    position: offset === undefined ? undefined : { partition: 0, offset: BigInt(offset) },
    outcome: undefined,
    since: '',
    keptUntil: '',
    ...kept,
  };
  async function* read(_topic: string, _partition: number, from: bigint, to: bigint): AsyncIterable<LogRecord> {
    if (logAway) throw new BanyanError('LOG_UNAVAILABLE', 'away', { retryable: true });
    for (const [index, entry] of log.entries()) if (index >= from && index < to) yield recordOf(entry, index);
  }
  return learn({ store: { state: async () => state } as never, log: { read } }, receipt);
}

const native = (id: string, expectedVersion: number, epoch = 0): EventHeaders => ({
  key: KEY,
  id,
  origin: 'api',
  expectedVersion,
  epoch,
  liveness: 'live',
  contentHash: undefined,
});
const event = (headers: EventHeaders): LogEntry => ({ type: 'event', headers });
const fence = (epoch: number): LogEntry => ({ type: 'marker', marker: { type: 'fence', epoch, share: 100 } });
const passed = (outcome: Outcome, exact = true) => ({ type: 'passed', outcome, exact });

describe('learn', () => {
  it('is unknown while nobody has met the event, and accepted once Kafka has it', async () => {
    expect(await learned([], native('own', 0), { folded: 0 })).toEqual({ type: 'unknown' });
    const log = [event(native('own', 0))];
    expect(await learned(log, native('own', 0), { folded: 0, offset: 0 })).toEqual({ type: 'accepted' });
    expect(await learned(log, native('own', 0), { folded: 1, offset: 0 })).toMatchObject(passed('effective'));
  });

  it('knows without Kafka’s word that an event took effect, or never can', async () => {
    expect(await learned([event(native('own', 0))], native('own', 0), { folded: 1 })).toMatchObject(
      passed('effective'),
    );
    expect(await learned([event(native('x', 0))], native('own', 0), { folded: 1 })).toMatchObject(passed('conflict'));
    expect(await learned([fence(1)], native('own', 0), { folded: 1 })).toMatchObject(passed('stale'));
  });

  it('finds in the log what the ring of its key has moved past', async () => {
    const log = [event(native('own', 0)), ...Array.from({ length: 20 }, (_, n) => event(native(`x${n}`, n + 1)))];
    expect(await learned(log, native('own', 0), { folded: 21, offset: 0 })).toMatchObject(passed('effective'));
    expect(await learned(log, native('own', 0), { folded: 21 })).toMatchObject(passed('effective'));
  });

  it('tells stale from conflict, and says so when it cannot, the log being away', async () => {
    const log = [event(native('x', 0)), fence(1), event(native('own', 0, 0))];
    expect(await learned(log, native('own', 0), { folded: 3, offset: 2 })).toMatchObject(passed('stale'));
    const away = await learned(log, native('own', 0), { folded: 3, offset: 2, logAway: true });
    expect(away).toMatchObject({ type: 'passed', exact: false });
    expect(away).not.toMatchObject({ outcome: 'effective' });
  });

  it('takes the word of a store that is built anew for nothing before it has come to the decision', async () => {
    const log = [event(native('x', 0)), event(native('own', 1))];
    const kept = { noted: { nextOffset: 1n, authority: FIRST_AUTHORITY, keyState: NEVER_SEEN } };
    expect(await learned(log, native('own', 1), { folded: 0, offset: 1, kept })).toEqual({ type: 'accepted' });
    expect(await learned(log, native('own', 1), { folded: 0, kept })).toEqual({ type: 'unknown' });
  });

  it('keeps to what was learned once', async () => {
    const kept = { outcome: 'conflict' as const };
    expect(await learned([], native('own', 0), { folded: 0, kept })).toMatchObject(passed('conflict'));
  });

  it('agrees with the fold about every command in every honest log, whenever it is asked', async () => {
    await fc.assert(
      fc.asyncProperty(honestLog(40), async (log) => {
        const first = new Map<string, { index: number; outcome: Outcome | undefined; headers: EventHeaders }>();
        for (const [index, { entry, outcome }] of foldLog(log).entries()) {
          if (entry.type !== 'event' || entry.headers.id === undefined || first.has(entry.headers.id)) continue;
          if (!isNativeOrigin(entry.headers.origin ?? '')) continue;
          first.set(entry.headers.id, { index, outcome, headers: entry.headers });
        }
        for (const { index, outcome, headers } of first.values()) {
          for (let folded = 0; folded <= log.length; folded += 3) {
            const told = await learned(log, headers, { folded, offset: index });
            expect(told).toMatchObject(folded > index ? { outcome, exact: true } : { type: 'accepted' });
            const untold = await learned(log, headers, { folded });
            // Without a place it may say nothing for longer, but never what turns out otherwise.
            if (outcome === 'effective')
              expect(untold).toMatchObject(folded > index ? { outcome } : { type: 'unknown' });
            else expect(untold).not.toMatchObject({ outcome: 'effective' });
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
