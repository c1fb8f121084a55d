import { eventHeaders } from '@banyan/contracts';
import { BanyanError, FIRST_AUTHORITY, type KeyState, NEVER_SEEN, systemClock } from '@banyan/core';
import { NO_STATE, type ReadState } from '@banyan/postgres';
import { logger } from '@banyan/service';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { SendReport } from '../ported/porter-sends.js';
import { counter } from '../testing/counter.js';
import { KeptReceipts } from '../testing/kept-receipts.js';
import { type AwaitTools, awaitReceipt } from './await-receipt.js';
import { Waits } from './waits.js';

const ID = '01900000-0000-7000-8000-000000000001';
const KEY = '01900000-0000-7000-8000-00000000000a';
const ANSWERED_LATE_MS = 60_000;

let receipts: KeptReceipts;
let state: ReadState;
let report: SendReport | Error;
let asked: { port?: string; version: number }[];
let waits: Waits;
/** Resolves who waits for the projector. */
let projected: () => void;
/** How often the store was looked into. */
let looks: number;

const ported: SendReport = { state: 'ported', legacyId: '7', errorCode: null, message: null };
const effective: KeyState = { ...NEVER_SEEN, version: 1, recent: [{ eventId: ID, version: 1 }] };
const behind: ReadState = { ...NO_STATE, nextOffset: 4n, authority: FIRST_AUTHORITY, epoch: 0 };
const passedBy = (keyState: KeyState): ReadState => ({
  ...behind,
  keyState,
  appliedVersion: keyState.version,
  nextOffset: 5n,
});

function tools(over: Partial<AwaitTools> = {}): AwaitTools {
  return {
    receipts,
    store: {
      state: async () => {
        looks += 1;
        return state;
      },
      parked: async () => ({
        eventId: 'e',
        eventType: 't',
        errorCode: 'SINK_UNDECODABLE',
        errorMessage: 'm',
        behind: 0,
      }),
    } as never,
    log: { read: async function* () {} },
    entities: [counter],
    sends: {
      send: async (of) => {
        asked.push(of);
        if (report instanceof Error) throw report;
        return report;
      },
    },
    progress: {
      reached: () =>
        new Promise((resolve) => {
          projected = () => resolve(true);
        }),
      close: async () => undefined,
    },
    clock: systemClock,
    waits,
    logger: logger('spec'),
    ...over,
  };
}

const ask = (over: { waitMs?: number; ifNoneMatch?: string; gone?: AbortSignal; tools?: Partial<AwaitTools> } = {}) =>
  awaitReceipt(tools(over.tools), {
    eventId: ID,
    waitMs: over.waitMs ?? 0,
    ifNoneMatch: over.ifNoneMatch,
    gone: over.gone ?? new AbortController().signal,
  });
const untilLooked = async (times: number): Promise<void> => {
  while (looks < times) await new Promise((resolve) => setImmediate(resolve));
};

beforeEach(async () => {
  receipts = new KeptReceipts();
  state = behind;
  report = ported;
  asked = [];
  looks = 0;
  waits = new Waits(10);
  const headers = eventHeaders({
    id: ID,
    type: 'test.counter.v1.CounterOpened',
    source: 'spec',
    timeMs: 0,
    subject: KEY,
    origin: 'api',
    expectedVersion: 0,
    epoch: 0,
    liveness: 'live',
  });
  const record = { topic: 'test.counter.v1', partition: 3, key: KEY, headers };
  const noted = { nextOffset: 4n, authority: FIRST_AUTHORITY, keyState: NEVER_SEEN };
  await receipts.keep('counter', { eventId: ID, record, noted }, { partition: 3, offset: 4n });
});

describe('a receipt', () => {
  it('is accepted while the projector is behind, and says where the entity will be', async () => {
    expect(await ask()).toMatchObject({
      status: 200,
      headers: { 'retry-after': '1', 'cache-control': 'no-store' },
      body: {
        eventId: ID,
        entity: 'counter',
        id: KEY,
        location: `/v2/counters/${KEY}`,
        state: 'accepted',
        outcome: null,
        version: null,
        ports: [],
        done: false,
        keptUntil: '2026-01-08T00:00:00.000Z',
      },
    });
    expect(asked).toEqual([]);
  });

  it('is done once it took effect and every port has it, with the legacy id', async () => {
    state = passedBy(effective);
    const { headers, body } = await ask();
    expect(body).toMatchObject({
      state: 'projected',
      outcome: 'effective',
      version: 1,
      ports: [{ port: 'backend', state: 'ported', legacyId: '7' }],
      done: true,
    });
    expect(headers).not.toHaveProperty('retry-after');
    expect(asked).toMatchObject([{ entity: 'counter', key: KEY, version: 1, port: 'backend' }]);
  });

  it.each(['waiting', 'sending', 'parked', 'in-doubt', 'port-off'] as const)(
    'is not done while a port is %s: that may change',
    async (portState) => {
      state = passedBy(effective);
      report = { ...ported, state: portState, legacyId: null };
      expect((await ask()).body).toMatchObject({ ports: [{ state: portState }], done: false });
    },
  );

  it.each(['not-configured', 'discarded'] as const)(
    'is done where a port is %s: nothing is owed to its backend',
    async (portState) => {
      state = passedBy(effective);
      report = { ...ported, state: portState, legacyId: null };
      expect((await ask()).body).toMatchObject({ ports: [{ state: portState }], done: true });
    },
  );

  it('tells what legacy refused in its own words', async () => {
    state = passedBy(effective);
    report = { ...ported, state: 'refused', status: 400, words: 'Bad ShipVia', errorCode: 'PORTER_LEGACY_REJECTED' };
    expect((await ask()).body).toMatchObject({
      ports: [{ state: 'refused', legacyStatus: 400, legacyWords: 'Bad ShipVia' }],
      done: false,
    });
  });

  it('is done, and nobody asks the porter, when the event took no effect', async () => {
    state = passedBy({ ...NEVER_SEEN, version: 1, recent: [{ eventId: 'another', version: 1 }] });
    // The log is asked for the exact word; here it has none.
    expect((await ask()).body).toMatchObject({ outcome: 'conflict', version: null, ports: [], done: true });
    expect(asked).toEqual([]);
  });

  it('says that V2 stands still, and behind what', async () => {
    state = { ...passedBy(effective), parked: true, appliedVersion: 0 };
    expect((await ask()).body).toMatchObject({
      state: 'parked',
      outcome: 'effective',
      parked: { errorCode: 'SINK_UNDECODABLE' },
      done: false,
    });
  });

  it('tells V2’s half while the porter is away', async () => {
    state = passedBy(effective);
    report = new BanyanError('API_PORTER_AWAY', 'away', { retryable: true });
    expect((await ask()).body).toMatchObject({
      outcome: 'effective',
      ports: [{ state: 'unknown', errorCode: 'API_PORTER_AWAY' }],
      done: false,
    });
  });

  it('ends with V2 where no porter is configured', async () => {
    state = passedBy(effective);
    expect((await ask({ tools: { sends: undefined } })).body).toMatchObject({
      ports: [{ port: 'backend', state: 'unknown' }],
      done: true,
    });
  });

  it('learns the outcome once, and keeps to it', async () => {
    state = passedBy(effective);
    await ask();
    expect(receipts.kept.get(ID)?.outcome).toBe('effective');
  });

  it('is 404 for an event that nobody was promised to be told of', async () => {
    for (const eventId of ['01900000-0000-7000-8000-0000000000ff', 'x', '']) {
      const asking = awaitReceipt(tools(), { eventId, waitMs: 0, ifNoneMatch: undefined, gone: waits.ended });
      await expect(asking).rejects.toMatchObject({ status: 404, code: 'API_RECEIPT_UNKNOWN' });
    }
  });
});

describe('a question that waits', () => {
  it('is answered when the projector has passed the event', async () => {
    const answer = ask({ waitMs: ANSWERED_LATE_MS });
    await untilLooked(1);
    state = passedBy(effective);
    await new Promise((resolve) => setImmediate(resolve));
    projected();
    expect((await answer).body).toMatchObject({ state: 'projected', done: true });
    expect(waits.count()).toBe(0);
  });

  it('is answered when a port has news, not before', async () => {
    state = passedBy(effective);
    report = { ...ported, state: 'sending', legacyId: null };
    const answer = ask({ waitMs: ANSWERED_LATE_MS });
    await untilLooked(3);
    report = ported;
    expect((await answer).body).toMatchObject({ ports: [{ state: 'ported' }], done: true });
  });

  it('is answered at once when the caller has not seen what is there, or when nothing more will come', async () => {
    const { headers } = await ask();
    state = passedBy(effective);
    report = { ...ported, state: 'parked', legacyId: null };
    const news = await ask({ waitMs: ANSWERED_LATE_MS, ifNoneMatch: headers.etag ?? '' });
    expect(news).toMatchObject({ status: 200, body: { ports: [{ state: 'parked' }] } });
    report = ported;
    expect((await ask({ waitMs: ANSWERED_LATE_MS })).body).toMatchObject({ done: true });
  });

  it('is answered as it is at the end of the wait: 304 to a caller who has seen it', async () => {
    state = passedBy(effective);
    report = { ...ported, state: 'parked', legacyId: null };
    const { headers } = await ask({ waitMs: 1 });
    expect(await ask({ waitMs: 60, ifNoneMatch: `"x", W/${headers.etag}` })).toMatchObject({
      status: 304,
      body: undefined,
      headers: { etag: headers.etag, 'retry-after': '1' },
    });
  });

  it('is answered at once when the process stops, or when too many wait; and ends when its caller goes', async () => {
    const stopped = ask({ waitMs: ANSWERED_LATE_MS });
    await untilLooked(1);
    waits.end();
    expect((await stopped).body).toMatchObject({ state: 'accepted' });
    expect((await ask({ waitMs: ANSWERED_LATE_MS })).body).toMatchObject({ state: 'accepted' });

    waits = new Waits(1);
    const gone = new AbortController();
    const held = ask({ waitMs: ANSWERED_LATE_MS, gone: gone.signal });
    while (waits.count() === 0) await new Promise((resolve) => setImmediate(resolve));
    expect((await ask({ waitMs: ANSWERED_LATE_MS })).body).toMatchObject({ state: 'accepted' });
    gone.abort();
    await held;
    expect(waits.count()).toBe(0);
  });
});
