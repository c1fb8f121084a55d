import { type Codec, eventHeaders, HEADER, markerHeaders } from '@banyan/contracts';
import { type InMemoryControl, inMemoryControl } from '@banyan/control/testing';
import { BanyanError, importedId, systemClock } from '@banyan/core';
import { InMemoryEventLog } from '@banyan/kafka/testing';
import type { ReadState } from '@banyan/postgres';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { CommandTools } from '../commands/command-attempt.js';
import { LogWriter } from '../log/log-writer.js';
import { counter } from '../testing/counter.js';
import { FoldedStore } from '../testing/folded-store.js';
import { KeptReceipts } from '../testing/kept-receipts.js';
import { type RestateCall, restate } from './restate.js';

const TOPIC = 'test.counter.v1';
const KEY = importedId('counter', 'A');
const why = { by: 'ada', reason: 'its writer is gone' };

let log: InMemoryEventLog;
let store: StandingStore;
let tools: CommandTools;
let control: InMemoryControl;
let ids: number;
let beforeAppend: () => Promise<unknown>;

/** The key stands at the state that its first event left, until it is restated; the fold goes on meanwhile. */
class StandingStore extends FoldedStore {
  stands = true;

  override async state(entity: string, key: string, partition?: number): Promise<ReadState> {
    const read = await super.state(entity, key, partition);
    const restated = this.records().some(({ headers }) => headers[HEADER.type]?.endsWith('CounterRestated'));
    if (!this.stands || restated || read.keyState.version < 2) return read;
    return { ...read, parked: true, appliedVersion: 1, document: { name: 'A', total: 0 } };
  }
}

beforeEach(async () => {
  log = new InMemoryEventLog();
  await log.createTopics([{ name: TOPIC, partitions: 1 }]);
  store = new StandingStore(log, counter, TOPIC, 1);
  control = inMemoryControl();
  ids = 0;
  beforeAppend = async () => undefined;
  const codec: Codec = {
    prepare: async () => undefined,
    encode: (_type, data) => {
      const { state } = data as { state?: { total?: unknown } | null };
      if (state?.total !== undefined && typeof state.total !== 'number')
        throw new BanyanError('CONTRACTS_INVALID_DATA', 'no', {
          data: { faults: [{ path: 'state.total', problem: 'is no int' }] },
        });
      return Buffer.from(JSON.stringify(data));
    },
    decode: async (_type, value) => JSON.parse(String(value)),
  };
  const writer = new LogWriter(log, codec, '', [counter]);
  await writer.prepare();
  const append = writer.append.bind(writer);
  writer.append = async (record, options) => {
    await beforeAppend();
    return append(record, options);
  };
  tools = {
    store,
    progress: store,
    log: writer,
    receipts: new KeptReceipts(),
    porter: undefined,
    control,
    adoption: undefined,
    entities: [counter],
    source: 'spec',
    newId: () => `restatement-${ids++}`,
    clock: systemClock,
    appendDeadlineMs: 200,
    movePatienceMs: 1_000,
    outcomeDeadlineMs: 30,
  };
  await write('CounterOpened', { name: 'A' }, 0);
  await write('CounterRaised', { by: 5 }, 1);
});

/** Another writer's event. */
async function write(type: string, data: object, expectedVersion: number, more: { contentHash?: string } = {}) {
  const id = `${type}-${expectedVersion}`;
  const origin = more.contentHash === undefined ? 'api' : 'backfill';
  const name = `${TOPIC}.${type}`;
  const base = { id, type: name, source: 'spec', timeMs: 0, subject: KEY, expectedVersion, epoch: 0 } as const;
  const headers = eventHeaders({ ...base, origin, liveness: 'live', ...more });
  const value = Buffer.from(JSON.stringify(data));
  await (await log.appender()).append({ topic: TOPIC, partition: 0, key: KEY, value, headers });
}

const restateIt = (more: Partial<RestateCall> = {}) =>
  restate(tools, { entity: counter, key: KEY, state: { name: 'A', total: 5 }, why, dryRun: false, ...more });
const last = () => store.records().at(-1);

describe('restating', () => {
  it('appends the whole state on the version of the fold, though the key stands, and says who and why', async () => {
    expect(await restateIt()).toEqual({
      entity: 'counter',
      key: KEY,
      expectedVersion: 2,
      lastGoodVersion: 1,
      differences: [{ path: 'total', left: 0, right: 5 }],
      outcome: 'effective',
      eventId: 'restatement-0',
    });
    expect(JSON.parse(String(last()?.value))).toEqual({ ...why, state: { name: 'A', total: 5 } });
    expect(last()?.headers).toMatchObject({
      ce_type: `${TOPIC}.CounterRestated`,
      ce_origin: 'repair',
      ce_expectedversion: '2',
      ce_liveness: 'live',
    });
    expect((await store.state('counter', KEY)).document).toEqual({ name: 'A', total: 5 });
  });

  it('says that there is none any more', async () => {
    await restateIt({ state: undefined });
    expect(last()?.headers.ce_liveness).toBe('deleted');
    expect((await store.state('counter', KEY)).document).toBeUndefined();
  });

  it('shows the difference and appends nothing when it is tried', async () => {
    const before = store.records().length;
    expect(await restateIt({ dryRun: true })).toMatchObject({
      outcome: 'dry-run',
      eventId: null,
      differences: [{ path: 'total', left: 0, right: 5 }],
    });
    expect(store.records()).toHaveLength(before);
  });

  it('is refused for a key that does not stand: that is changed by commands', async () => {
    store.stands = false;
    await expect(restateIt()).rejects.toMatchObject({ status: 409, code: 'API_KEY_NOT_STANDING' });
    await expect(restateIt({ dryRun: true })).rejects.toMatchObject({ code: 'API_KEY_NOT_STANDING' });
  });

  it('is refused where legacy decides: its row brings the whole state', async () => {
    const headers = markerHeaders(
      { type: 'handback', epoch: 1 },
      { id: 'm', source: 'spec', timeMs: 0, subject: TOPIC },
    );
    await (await log.appender()).append({ topic: TOPIC, partition: 0, key: null, value: null, headers });
    await expect(restateIt()).rejects.toMatchObject({ status: 409, code: 'ENTITY_HELD_BY_LEGACY' });
  });

  it('is refused while the right to write moves', async () => {
    const headers = markerHeaders(
      { type: 'fence', epoch: 1, share: 100 },
      { id: 'm', source: 'spec', timeMs: 0, subject: TOPIC },
    );
    await (await log.appender()).append({ topic: TOPIC, partition: 0, key: null, value: null, headers });
    await expect(restateIt()).rejects.toMatchObject({ status: 503, code: 'API_AUTHORITY_MOVING' });
  });

  it.each([
    ['has a field that no state has', { name: 'A', total: 5, colour: 'red' }, 'colour', 'would be nothing'],
    ['has a value of another type', { name: 'A', total: 'five' }, 'state.total', 'is no int'],
    ['is that of another key', { name: 'B', total: 5 }, '', 'legacy id is B'],
  ])('appends nothing that %s', async (_what, state, path, message) => {
    const before = store.records().length;
    const refused = await restateIt({ state }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ status: 422, code: 'API_RESTATEMENT_INVALID' });
    const { errors } = (refused as BanyanError).data as { errors: { path: string; message: string }[] };
    expect(errors).toContainEqual({ path, message: expect.stringContaining(message) });
    expect(store.records()).toHaveLength(before);
  });

  it('appends nothing that names what V2 does not know', async () => {
    const [port] = counter.legacy.ports;
    if (port === undefined) throw new Error('a port');
    const ports = [{ ...port, refsOf: () => [{ entity: 'counter', id: importedId('counter', 'Z') }] }];
    const entity = { ...counter, legacy: { ...counter.legacy, ports } } as typeof counter;
    await expect(restateIt({ entity })).rejects.toMatchObject({ code: 'API_RESTATEMENT_INVALID' });
  });

  it('says so where an entity has no event for it', async () => {
    const { restated: _, ...without } = counter;
    await expect(restateIt({ entity: without })).rejects.toMatchObject({ code: 'API_RESTATEMENT_INVALID' });
  });

  it('takes effect once when two restate at the same time', async () => {
    beforeAppend = async () => {
      beforeAppend = async () => undefined;
      await restateIt({ state: { name: 'A', total: 7 } });
    };
    await expect(restateIt()).rejects.toMatchObject({ status: 409, code: 'API_CONFLICT' });
    expect((await store.state('counter', KEY)).document).toEqual({ name: 'A', total: 7 });
  });

  it('answers that it is in the log where the projector is behind', async () => {
    store.freeze();
    expect(await restateIt()).toMatchObject({ outcome: 'behind', eventId: expect.any(String) });
  });

  it('does not call it done where the restatement itself stands', async () => {
    const state = store.state.bind(store);
    store.state = async (...asked) => ({
      ...(await state(...asked)),
      parked: true,
      appliedVersion: 1,
      document: { name: 'A', total: 0 },
    });
    await expect(restateIt()).rejects.toMatchObject({ status: 423, code: 'API_KEY_PARKED' });
  });

  it('appends nothing while Kafka is away, and knows nothing where it does not answer', async () => {
    beforeAppend = async () => {
      throw new BanyanError('LOG_UNKNOWN', 'no answer', { retryable: true });
    };
    await expect(restateIt()).rejects.toMatchObject({ status: 503, code: 'API_OUTCOME_UNKNOWN' });
    beforeAppend = async () => {
      throw new BanyanError('LOG_NOT_WRITTEN', 'the queue is full', { retryable: true });
    };
    await expect(restateIt()).rejects.toMatchObject({ status: 503, code: 'API_LOG_AWAY' });
  });
});
