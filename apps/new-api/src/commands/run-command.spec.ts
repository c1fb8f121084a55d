import { type Codec, eventHeaders, markerHeaders } from '@banyan/contracts';
import { type InMemoryControl, inMemoryControl } from '@banyan/control/testing';
import { BanyanError, importedId, type Marker, systemClock } from '@banyan/core';
import type { Appender } from '@banyan/kafka';
import { InMemoryEventLog } from '@banyan/kafka/testing';
import { logger } from '@banyan/service';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Adoption } from '../adoption/adoption.js';
import type { Answer } from '../http/answer.js';
import { LogWriter } from '../log/log-writer.js';
import { type Counter, counter } from '../testing/counter.js';
import { FoldedStore } from '../testing/folded-store.js';
import { KeptReceipts } from '../testing/kept-receipts.js';
import type { CommandTools } from './command-attempt.js';
import type { Address } from './command-call.js';
import { parseIfMatch } from './if-match.js';
import { type Journal, NO_JOURNAL } from './journal.js';
import type { PendingEvent } from './pending-event.js';
import { runCommand } from './run-command.js';

const TOPIC = 'test.counter.v1';
const PARTITIONS = 3;
const KEY = importedId('counter', 'A');

/** An idempotency key's memory, in memory: what one try stores the next one finds. */
class Memory {
  pending: PendingEvent | undefined;
  answer: Answer | undefined;
  released = 0;

  journal(): Journal {
    return {
      pending: this.pending,
      note: async (event) => {
        this.pending = event;
      },
      acknowledged: async (position) => {
        if (this.pending !== undefined) this.pending = { ...this.pending, position };
      },
      finish: async (answer) => {
        this.answer = answer;
      },
      release: async ({ dropPending }) => {
        this.released += 1;
        if (dropPending) this.pending = undefined;
      },
    };
  }
}

let log: InMemoryEventLog;
let appender: Appender;
let store: FoldedStore;
let tools: CommandTools & { logger: ReturnType<typeof logger> };
let ids: number;
let control: InMemoryControl;
let receipts: KeptReceipts;
/** What happens between the decision and the append. */
let beforeAppend: () => Promise<void>;
let adopted: string[];

beforeEach(async () => {
  log = new InMemoryEventLog();
  await log.createTopics([{ name: TOPIC, partitions: PARTITIONS }]);
  appender = await log.appender();
  store = new FoldedStore(log, counter, TOPIC, PARTITIONS);
  ids = 0;
  control = inMemoryControl();
  receipts = new KeptReceipts();
  beforeAppend = async () => undefined;
  adopted = [];
  const codec: Codec = {
    prepare: async () => undefined,
    encode: (_type, data) => Buffer.from(JSON.stringify(data)),
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
    receipts,
    porter: undefined,
    control,
    adoption: undefined,
    entities: [counter],
    source: 'spec',
    newId: () => `event-${ids++}`,
    clock: systemClock,
    appendDeadlineMs: 200,
    movePatienceMs: 1_000,
    outcomeDeadlineMs: 30,
    logger: logger('spec'),
  };
});

const commandNamed = (name: string) => {
  const command = counter.commands.find((each) => each.name === name);
  if (command === undefined) throw new Error(name);
  return command;
};
const run = (
  name: string,
  body: unknown,
  options: {
    id?: string;
    address?: Address;
    ifMatch?: string;
    journal?: Journal;
    respondAsync?: boolean;
    correlationId?: string;
    hops?: number;
  } = {},
) =>
  runCommand(
    tools,
    {
      entity: counter,
      command: commandNamed(name),
      address: options.address ?? (options.id === undefined ? undefined : { id: options.id }),
      body,
      ifMatch: parseIfMatch(options.ifMatch),
      respondAsync: options.respondAsync ?? false,
      traceparent: undefined,
      correlationId: options.correlationId,
      hops: options.hops,
    },
    options.journal ?? NO_JOURNAL,
  );
const open = (name = 'A') => run('OpenCounter', { name });
const raise = (by: number, options: { ifMatch?: string; journal?: Journal; respondAsync?: boolean } = {}) =>
  run('RaiseCounter', { by }, { id: KEY, ...options });
const total = async () => ((await store.state('counter', KEY)).document as Counter).total;

/** Another writer's change, on the version there is. */
async function another(by: number, id: string): Promise<void> {
  const { appliedVersion } = await store.state('counter', KEY);
  await appendEvent('CounterRaised', { by }, { id, expectedVersion: appliedVersion, origin: 'api' });
}

async function imported(name: string, value: number, epoch = 0): Promise<void> {
  const key = importedId('counter', name);
  const { appliedVersion } = await store.state('counter', key);
  const data = { legacyId: name, name, total: value };
  const meta = { id: `import-${name}-${value}-${epoch}`, expectedVersion: appliedVersion, key, epoch };
  await appendEvent('CounterImported', data, { ...meta, origin: 'backfill', contentHash: `hash-${value}` });
}

async function vanished(name: string, epoch: number): Promise<void> {
  const key = importedId('counter', name);
  const { appliedVersion } = await store.state('counter', key);
  const meta = { id: `vanished-${name}-${epoch}`, expectedVersion: appliedVersion, key, epoch };
  const absence = { origin: 'backfill', contentHash: 'absent', liveness: 'deleted' } as const;
  await appendEvent('CounterVanished', { legacyId: name }, { ...meta, ...absence });
}

async function appendEvent(
  type: string,
  data: unknown,
  meta: {
    id: string;
    expectedVersion: number;
    origin: 'api' | 'backfill';
    key?: string;
    epoch?: number;
    contentHash?: string;
    liveness?: 'live' | 'deleted';
  },
): Promise<void> {
  const { key = KEY, epoch = 0, liveness = 'live', ...rest } = meta;
  const headers = eventHeaders({
    ...rest,
    epoch,
    type: `test.counter.v1.${type}`,
    source: 'spec',
    timeMs: 0,
    subject: key,
    liveness,
  });
  await appender.append({ topic: TOPIC, key, value: Buffer.from(JSON.stringify(data)), headers });
}

/** A marker in the log, and the epoch it opens announced. */
async function mark(marker: Marker, partitions = PARTITIONS): Promise<void> {
  for (let partition = 0; partition < partitions; partition += 1) {
    const headers = markerHeaders(marker, { id: 'm', source: 'spec', timeMs: 0, subject: TOPIC });
    await appender.append({ topic: TOPIC, partition, key: null, value: null, headers });
  }
  control.replaceEntity('counter', { epoch: marker.epoch });
}
const fence = (epoch: number, share: number, partitions?: number) => mark({ type: 'fence', epoch, share }, partitions);

/** Legacy's counters, as adoption finds them: what is not among them is absent. */
function adoptsFrom(legacy: Readonly<Record<string, number | undefined>>): void {
  const adoption: Adoption = {
    adopt: async (_entity, legacyIds) => {
      adopted.push(...legacyIds);
      const epoch = await store.epoch();
      const results = legacyIds.map(async (legacyId) => {
        const key = importedId('counter', legacyId);
        const value = legacy[legacyId];
        const { keyState } = await store.state('counter', key);
        if (value !== undefined) await imported(legacyId, value, epoch);
        else if (keyState.version > 0) await vanished(legacyId, epoch);
        return [legacyId, { legacyId, bucket: value === undefined ? 'absent' : 'imported', key, refs: [] }] as const;
      });
      return new Map(await Promise.all(results));
    },
  };
  tools = { ...tools, adoption };
}

describe('runCommand', () => {
  it('tells in the event which action it belongs to, as the caller says, else its own', async () => {
    await run('OpenCounter', { name: 'A' }, { correlationId: 'an-action', hops: 3 });
    await raise(2);
    const [first, second] = store.records().map(({ headers }) => headers);
    expect(first).toMatchObject({ ce_correlationid: 'an-action', ce_hops: '3' });
    expect(second?.ce_correlationid).toBe(second?.ce_id);
    expect(second).not.toHaveProperty('ce_hops');
  });

  it('answers with the state that the own event left', async () => {
    expect(await open()).toMatchObject({
      status: 201,
      headers: { etag: '"1"', location: `/v2/counters/${KEY}` },
      body: { id: KEY, version: 1, name: 'A', total: 0 },
    });
    expect(await raise(2)).toMatchObject({ status: 200, body: { version: 2, total: 2 } });
    expect(await raise(0)).toMatchObject({ status: 200, body: { version: 2, total: 2 } });
    expect(store.records()).toHaveLength(2);
  });

  it('answers with the own state, not with what others made of it since', async () => {
    await open();
    const reached = store.reached.bind(store);
    store.reached = async () => {
      store.reached = reached;
      await another(10, 'later');
      return true;
    };
    expect(await raise(1)).toMatchObject({ status: 200, body: { version: 2, total: 1 } });
    expect(await total()).toBe(11);
  });

  it('decides again on the newer state when another writer was first', async () => {
    await open();
    let others = 0;
    beforeAppend = async () => {
      if (others++ === 0) await another(10, 'first');
    };
    expect(await raise(1)).toMatchObject({ status: 200, body: { version: 3, total: 11 } });
  });

  it('never takes another writer for itself, and gives up with 409 when it keeps losing', async () => {
    await open();
    let others = 0;
    beforeAppend = () => another(10, `first-${others++}`);
    await expect(raise(1)).rejects.toMatchObject({ status: 409, code: 'API_CONFLICT' });
    expect(await total()).toBe(10 * others);
  });

  it('is 412 instead of a second decision when the caller said If-Match', async () => {
    await open();
    beforeAppend = () => another(10, 'first');
    await expect(raise(1, { ifMatch: '"1"' })).rejects.toMatchObject({ status: 412, data: { version: 2 } });
    expect(await total()).toBe(10);
    await expect(raise(1, { ifMatch: 'W/"2"' })).rejects.toMatchObject({ status: 412 });
  });

  it('finishes an append that nobody answered with the same bytes: it counts once', async () => {
    await open();
    const memory = new Memory();
    log.down();
    await expect(raise(5, { journal: memory.journal() })).rejects.toMatchObject({
      status: 503,
      code: 'API_OUTCOME_UNKNOWN',
    });
    const stored = memory.pending;
    // The record was queued all the while: it is written after the caller was told that nobody knows.
    log.up();
    expect(await raise(5, { journal: memory.journal() })).toMatchObject({
      status: 200,
      body: { version: 2, total: 5 },
    });
    const copies = store.records().filter((record) => record.headers.ce_id === stored?.eventId);
    expect(copies.map((record) => String(record.value))).toEqual(['{"by":5}', '{"by":5}']);
    expect(await total()).toBe(5);
    expect(memory.answer).toMatchObject({ status: 200 });
  });

  it('finishes it although others have pushed its id out of the ring', async () => {
    await open();
    const memory = new Memory();
    log.down();
    await expect(raise(5, { journal: memory.journal() })).rejects.toMatchObject({ status: 503 });
    log.up();
    for (let n = 0; n < 20; n += 1) await another(1, `other-${n}`);
    expect(await raise(5, { journal: memory.journal() })).toMatchObject({ status: 200, body: { total: 25 } });
    expect(await total()).toBe(25);
  });

  it('does not know it while the log cannot be read behind the append, and never says that nothing was done', async () => {
    await open();
    const memory = new Memory();
    log.down();
    await expect(raise(5, { journal: memory.journal() })).rejects.toMatchObject({ status: 503 });
    log.up();
    for (let n = 0; n < 20; n += 1) await another(1, `other-${n}`);
    const read = tools.log.read;
    tools.log.read = () => {
      throw new BanyanError('LOG_UNAVAILABLE', 'Kafka did not answer', { retryable: true });
    };
    await expect(raise(5, { journal: memory.journal() })).rejects.toMatchObject({
      status: 503,
      code: 'API_OUTCOME_UNKNOWN',
      data: { eventId: 'event-2', id: KEY },
    });
    tools.log.read = read;
    expect(await raise(5, { journal: memory.journal() })).toMatchObject({ status: 200, body: { total: 25 } });
  });

  it('does not say that nothing was done of an earlier try while Kafka is away', async () => {
    await open();
    const memory = new Memory();
    log.down();
    await expect(raise(5, { journal: memory.journal() })).rejects.toMatchObject({ status: 503 });
    tools.log.away = () => 'not connected yet';
    await expect(raise(5, { journal: memory.journal() })).rejects.toMatchObject({
      code: 'API_OUTCOME_UNKNOWN',
      data: { eventId: 'event-2' },
    });
    expect(memory.pending).toBeDefined();
    await expect(raise(5)).rejects.toMatchObject({ code: 'API_LOG_AWAY' });
  });

  it('names the event that took effect and whose key stands still, also when the entry cannot be read', async () => {
    await open();
    beforeAppend = async () => {
      const state = store.state.bind(store);
      store.state = async (...key) => ({ ...(await state(...key)), parked: true, appliedVersion: 1 });
    };
    store.parked = () => Promise.reject(new BanyanError('POSTGRES_UNAVAILABLE', 'away', { retryable: true }));
    await expect(raise(5)).rejects.toMatchObject({
      status: 423,
      code: 'API_KEY_PARKED',
      data: { eventId: 'event-2', version: 2 },
    });
  });

  it('decides again, once, when the earlier try turns out dead', async () => {
    await open();
    const memory = new Memory();
    memory.pending = undefined;
    beforeAppend = async () => {
      beforeAppend = async () => undefined;
      await another(10, 'first');
      log.down();
    };
    await expect(raise(5, { journal: memory.journal() })).rejects.toMatchObject({ status: 503 });
    log.up();
    expect(await raise(5, { journal: memory.journal() })).toMatchObject({
      status: 200,
      body: { version: 3, total: 15 },
    });
    expect(await total()).toBe(15);
  });

  it('is 202 while the projector is behind; the next try learns the outcome without another append', async () => {
    await open();
    const memory = new Memory();
    store.freeze();
    expect(await raise(5, { journal: memory.journal() })).toMatchObject({
      status: 202,
      body: { id: KEY, eventId: 'event-2' },
    });
    expect(memory.answer).toBeUndefined();
    store.thaw();
    const appended = store.records().length;
    expect(await raise(5, { journal: memory.journal() })).toMatchObject({
      status: 200,
      body: { version: 2, total: 5 },
    });
    expect(store.records()).toHaveLength(appended);
  });

  it('promises with its 202 a receipt that is kept, and where none can be kept it is 503 and no promise', async () => {
    await open();
    store.freeze();
    const accepted = await raise(5);
    expect(accepted).toMatchObject({
      status: 202,
      headers: { location: '/v2/receipts/event-2' },
      body: { receipt: '/v2/receipts/event-2' },
    });
    expect(receipts.kept.get('event-2')).toMatchObject({ entity: 'counter', position: { offset: 1n } });
    receipts.away = new BanyanError('POSTGRES_UNAVAILABLE', 'away', { retryable: true });
    const memory = new Memory();
    await expect(raise(6, { journal: memory.journal() })).rejects.toMatchObject({
      status: 503,
      code: 'API_OUTCOME_UNKNOWN',
      data: { eventId: 'event-3' },
    });
    expect(memory.pending).toMatchObject({ eventId: 'event-3', position: { offset: 2n } });
  });

  it('tells who does not know whether Kafka has the event where to find out, if that can be told', async () => {
    await open();
    log.down();
    await expect(raise(5)).rejects.toMatchObject({ data: { receipt: '/v2/receipts/event-2' } });
    expect(receipts.kept.get('event-2')).toMatchObject({ position: undefined });
    receipts.away = new Error('away');
    await expect(raise(6)).rejects.toMatchObject({ code: 'API_OUTCOME_UNKNOWN', data: { eventId: 'event-3' } });
  });

  it('forgets the event that Kafka certainly did not take', async () => {
    await open();
    const memory = new Memory();
    beforeAppend = async () => {
      throw new BanyanError('LOG_NOT_WRITTEN', 'the queue is full', { retryable: true });
    };
    await expect(raise(5, { journal: memory.journal() })).rejects.toMatchObject({ status: 503, code: 'API_LOG_AWAY' });
    expect(memory.pending).toBeUndefined();
  });

  it('keeps an event that an earlier try may have written, even if Kafka certainly did not take this copy', async () => {
    await open();
    const memory = new Memory();
    log.down();
    await expect(raise(5, { journal: memory.journal() })).rejects.toMatchObject({ status: 503 });
    beforeAppend = async () => {
      throw new BanyanError('LOG_NOT_WRITTEN', 'the queue is full', { retryable: true });
    };
    await expect(raise(5, { journal: memory.journal() })).rejects.toMatchObject({ code: 'API_OUTCOME_UNKNOWN' });
    expect(memory.pending).toBeDefined();
  });

  it('stores what the command itself refuses, and not what only cannot be done now', async () => {
    await open();
    const memory = new Memory();
    await expect(raise(-1, { journal: memory.journal() })).rejects.toMatchObject({
      status: 422,
      code: 'COUNTER_ONLY_UP',
    });
    expect(memory.answer).toMatchObject({ status: 422, body: { code: 'COUNTER_ONLY_UP' } });
    const other = new Memory();
    store.parkedKeys.add(KEY);
    await expect(raise(1, { journal: other.journal() })).rejects.toMatchObject({ status: 423, code: 'API_KEY_PARKED' });
    expect(other).toMatchObject({ answer: undefined, released: 1 });
  });

  it('appends nothing while legacy holds the key', async () => {
    await imported('A', 7);
    await expect(raise(1)).rejects.toMatchObject({ status: 409, code: 'ENTITY_HELD_BY_LEGACY' });
    expect(store.records()).toHaveLength(1);
  });

  it('adopts again before it changes a key whose copy is from before the epoch', async () => {
    await imported('A', 7);
    await fence(1, 100);
    adoptsFrom({ A: 8 });
    expect(await raise(1)).toMatchObject({ status: 200, body: { total: 9 } });
    expect(adopted).toEqual(['A']);
  });

  it('decides nothing in an epoch that some partitions have not reached', async () => {
    await open();
    await fence(1, 100, PARTITIONS - 1);
    const partition = await appender.partitionOf(TOPIC, KEY);
    const moving = partition < PARTITIONS - 1;
    if (moving) await expect(raise(1)).rejects.toMatchObject({ status: 503, code: 'API_AUTHORITY_MOVING' });
    else expect(await raise(1)).toMatchObject({ status: 200 });
  });

  it('adopts before it creates under a natural key', async () => {
    adoptsFrom({ A: 7 });
    await expect(open('a')).rejects.toMatchObject({ status: 422, code: 'COUNTER_EXISTS' });
    expect(adopted).toEqual(['A']);
  });

  it('refuses a create whose state names another legacy id than its key', async () => {
    const command = {
      ...commandNamed('OpenCounter'),
      decide: () => ({ type: 'test.counter.v1.CounterOpened', data: { name: 'B' } }),
    };
    const call = {
      entity: counter,
      command,
      address: undefined,
      body: { name: 'A' },
      ifMatch: undefined,
      traceparent: undefined,
    };
    await expect(runCommand(tools, call as never, NO_JOURNAL)).rejects.toMatchObject({
      status: 500,
      code: 'API_EVENT_IMPOSSIBLE',
    });
    expect(store.records()).toHaveLength(0);
  });
});

describe('a change of what legacy has', () => {
  const byLegacyId = (by: number, legacyId = 'A') => run('RaiseCounter', { by }, { address: { legacyId } });

  it('says nothing of a copy from before the epoch, not even that it is so already', async () => {
    await imported('A', 7);
    await fence(1, 100);
    adoptsFrom({ A: 8 });
    expect(await raise(0)).toMatchObject({ status: 200, body: { total: 8 } });
    expect(adopted).toEqual(['A']);
  });

  it('is 404 when legacy has it no more, and stays so', async () => {
    await imported('A', 7);
    await fence(1, 100);
    adoptsFrom({});
    await expect(raise(1)).rejects.toMatchObject({ status: 404, code: 'API_NOT_FOUND' });
    expect((await store.state('counter', KEY)).keyState).toMatchObject({ liveness: 'deleted', owner: 'legacy' });
    await expect(byLegacyId(1)).rejects.toMatchObject({ status: 404 });
  });

  it('is 404 when V2 removed it before legacy ever had it: there is no row to look for, however often who decides has changed', async () => {
    await open();
    const removal = { id: 'removal', expectedVersion: 1, origin: 'api', liveness: 'deleted' } as const;
    await appendEvent('CounterVanished', { legacyId: 'A' }, removal);
    await mark({ type: 'handback', epoch: 1 });
    await fence(2, 100);
    adoptsFrom({});
    await expect(raise(1)).rejects.toMatchObject({ status: 404, code: 'API_NOT_FOUND' });
    expect(adopted).toEqual([]);
  });

  it('adopts what V2 never saw, when it is named by its legacy id', async () => {
    await fence(1, 100);
    adoptsFrom({ A: 7 });
    await expect(raise(1)).rejects.toMatchObject({ status: 404 });
    expect(await byLegacyId(1)).toMatchObject({ status: 200, body: { id: KEY, total: 8 } });
    expect(await byLegacyId(1)).toMatchObject({ status: 200, body: { total: 9 } });
    expect(adopted).toEqual(['A']);
  });

  it('is 404 by a legacy id that is nowhere, and nothing is appended', async () => {
    adoptsFrom({});
    await expect(byLegacyId(1, 'B')).rejects.toMatchObject({ status: 404, code: 'API_NOT_FOUND' });
    tools = { ...tools, adoption: undefined };
    await expect(byLegacyId(1, 'B')).rejects.toMatchObject({ message: expect.stringContaining('no LEGACY_URL') });
    expect(store.records()).toEqual([]);
  });

  it('is 409 by its legacy id while legacy holds it, whether V2 knew it or not', async () => {
    adoptsFrom({ A: 7 });
    await expect(byLegacyId(1)).rejects.toMatchObject({ status: 409, code: 'ENTITY_HELD_BY_LEGACY' });
    await expect(byLegacyId(0)).rejects.toMatchObject({ status: 409, code: 'ENTITY_HELD_BY_LEGACY' });
  });

  it('of which row is held or cannot be carried over says so', async () => {
    await imported('A', 7);
    await fence(1, 100);
    const result = { legacyId: 'A', reason: 'why', refs: [] };
    tools = { ...tools, adoption: { adopt: async () => new Map([['A', { ...result, bucket: 'held' }]]) } };
    await expect(raise(1)).rejects.toMatchObject({ status: 503, code: 'API_ADOPTION_HELD' });
    tools = { ...tools, adoption: { adopt: async () => new Map([['A', { ...result, bucket: 'invalid' }]]) } };
    await expect(raise(1)).rejects.toMatchObject({ status: 422, code: 'API_REFERENCE_INVALID' });
    expect(store.records().filter(({ key }) => key !== null)).toHaveLength(1);
  });

  it('adopts and decides again when the fence comes between its decision and its append', async () => {
    await imported('A', 7);
    await fence(1, 100);
    adoptsFrom({ A: 8 });
    await raise(1);
    // V2's own since epoch 1; the hand-back gives it to legacy, which changes it, and a later move takes it back.
    adoptsFrom({ A: 20 });
    beforeAppend = async () => {
      beforeAppend = async () => undefined;
      await mark({ type: 'handback', epoch: 2 });
      await fence(3, 100);
    };
    expect(await raise(1)).toMatchObject({ status: 200, body: { total: 21 } });
  });

  it('is refused with 409 when it lost its key to legacy between its decision and its append', async () => {
    await open();
    beforeAppend = async () => {
      beforeAppend = async () => undefined;
      await mark({ type: 'handback', epoch: 1 });
    };
    await expect(raise(1)).rejects.toMatchObject({ status: 409, code: 'ENTITY_HELD_BY_LEGACY' });
    expect(await total()).toBe(0);
  });

  it('keeps to an If-Match whose row legacy did not change, and answers 412 where it did', async () => {
    await imported('A', 7);
    await fence(1, 100);
    adoptsFrom({ A: 7 });
    // Only the epoch moves the version from 1 to 2: the caller has seen what is there.
    expect(await raise(1, { ifMatch: '"1"' })).toMatchObject({ status: 200, body: { version: 3, total: 8 } });
    await mark({ type: 'handback', epoch: 2 });
    await imported('A', 8, 2);
    await fence(3, 100);
    adoptsFrom({ A: 9 });
    await expect(raise(1, { ifMatch: '"4"' })).rejects.toMatchObject({ status: 412, data: { version: 5 } });
  });

  it('decides again, and is not 412, when its epoch passed under its If-Match', async () => {
    await open();
    beforeAppend = async () => {
      beforeAppend = async () => undefined;
      await fence(1, 100);
    };
    expect(await raise(1, { ifMatch: '"1"' })).toMatchObject({ status: 200, body: { version: 2, total: 1 } });
  });

  it('is legacy’s again behind a hand-back, and V2’s after the next move with what legacy made of it', async () => {
    await open();
    await raise(5);
    await mark({ type: 'handback', epoch: 1 });
    await expect(raise(1)).rejects.toMatchObject({ status: 409 });
    await imported('A', 50, 1);
    expect(await total()).toBe(50);
    await fence(2, 100);
    adoptsFrom({ A: 60 });
    expect(await raise(1)).toMatchObject({ status: 200, body: { total: 61 } });
  });
});

describe('while writes move', () => {
  const moving = (direction: 'forward' | 'back', step: 'planned' | 'fenced') => ({
    direction,
    step,
    epoch: 2,
    share: direction === 'forward' ? 100 : 0,
    toMode: direction === 'forward' ? ('new' as const) : ('legacy' as const),
    prepared: [],
    by: 'ann',
    at: '2026-01-01T00:00:00.000Z',
  });

  it('V2 begins nothing from the plan of a hand-back on: behind the fence it would take effect and be undone', async () => {
    await open();
    await fence(1, 100);
    control.replaceEntity('counter', { move: moving('back', 'planned') });
    await expect(raise(1)).rejects.toMatchObject({ status: 503, code: 'API_AUTHORITY_MOVING' });
    expect(await total()).toBe(0);
  });

  it('V2 decides on until the fence of a forward move, and again once its epoch is announced', async () => {
    await open();
    control.replaceEntity('counter', { move: moving('forward', 'planned') });
    expect(await raise(1)).toMatchObject({ status: 200 });
    await fence(1, 100);
    control.replaceEntity('counter', { epoch: 0, move: moving('forward', 'fenced') });
    await expect(raise(1)).rejects.toMatchObject({ status: 503, code: 'API_AUTHORITY_MOVING' });
    control.replaceEntity('counter', { epoch: 1 });
    expect(await raise(1)).toMatchObject({ status: 200 });
  });

  it('an API that has not read the control log yet begins nothing in an epoch it was not told of', async () => {
    await open();
    await fence(1, 100);
    tools = { ...tools, control: inMemoryControl() };
    await expect(raise(1)).rejects.toMatchObject({ status: 503, code: 'API_AUTHORITY_MOVING' });
  });
});

describe('a command that comes while writes move', () => {
  beforeEach(async () => {
    await open();
    tools = { ...tools, outcomeDeadlineMs: 60_000 };
  });
  /** Asked once: what is done of it when its first look was in vain. */
  const lookedAtOnce = async (what: 'epoch' | 'state', then: () => void | Promise<void>) => {
    const look = store[what].bind(store) as (...args: unknown[]) => Promise<unknown>;
    let first = true;
    Object.assign(store, {
      [what]: async (...args: unknown[]) => {
        const seen = await look(...args);
        if (first) {
          first = false;
          queueMicrotask(() => void then());
        }
        return seen;
      },
    });
  };

  it('goes on as soon as the process hears of the end', async () => {
    await fence(1, 100);
    control.replaceEntity('counter', { epoch: 0 });
    lookedAtOnce('state', () => void setTimeout(() => control.replaceEntity('counter', { epoch: 1 }), 0));
    expect(await raise(1)).toMatchObject({ status: 200, body: { total: 1 } });
  });

  it('goes on as soon as the store is behind the fence', async () => {
    control.replaceEntity('counter', { epoch: 1 });
    lookedAtOnce('state', () => void setTimeout(() => void fence(1, 100), 0));
    expect(await raise(1)).toMatchObject({ status: 200, body: { total: 1 } });
  });

  it('waits for nothing where its caller does not', async () => {
    await fence(1, 100);
    control.replaceEntity('counter', { epoch: 0 });
    tools = { ...tools, outcomeDeadlineMs: 0 };
    const looks: string[] = [];
    lookedAtOnce('state', () => void looks.push('state'));
    await expect(raise(1)).rejects.toMatchObject({ code: 'API_AUTHORITY_MOVING' });
    expect(looks).toHaveLength(1);
  });
});

describe('respond-async', () => {
  const later = (by: number, options: { ifMatch?: string; journal?: Journal } = {}) =>
    raise(by, { ...options, respondAsync: true });

  beforeEach(async () => {
    await open();
    tools = { ...tools, outcomeDeadlineMs: 0 };
  });

  it('answers with a receipt as soon as the event is in the log, whatever the projector does', async () => {
    store.freeze();
    expect(await later(5)).toMatchObject({
      status: 202,
      headers: { location: '/v2/receipts/event-2', 'retry-after': '1' },
      body: { id: KEY, eventId: 'event-2', status: 'accepted', receipt: '/v2/receipts/event-2' },
    });
    expect(receipts.kept.get('event-2')).toMatchObject({ position: { offset: 1n }, record: { key: KEY } });
    store.thaw();
    expect(await total()).toBe(5);
  });

  it('keeps its receipt before the event may be in the log', async () => {
    const order: string[] = [];
    const [keep, acknowledged] = [receipts.keep.bind(receipts), receipts.acknowledged.bind(receipts)];
    receipts.keep = async (...kept) => {
      order.push('keep');
      await keep(...kept);
    };
    receipts.acknowledged = async (eventId, position) => {
      order.push(`acknowledged ${position.offset}`);
      await acknowledged(eventId, position);
    };
    beforeAppend = async () => {
      order.push('append');
    };
    await later(5);
    expect(order).toEqual(['keep', 'append', 'acknowledged 1']);
  });

  it('appends nothing when no receipt can be kept', async () => {
    receipts.away = new BanyanError('POSTGRES_UNAVAILABLE', 'away', { retryable: true });
    const memory = new Memory();
    await expect(later(5, { journal: memory.journal() })).rejects.toMatchObject({ code: 'POSTGRES_UNAVAILABLE' });
    expect(memory.pending).toBeUndefined();
    expect(store.records()).toHaveLength(1);
  });

  it('is refused at once, with the same problems as ever', async () => {
    await expect(later(-1)).rejects.toMatchObject({ status: 422, code: 'COUNTER_ONLY_UP' });
    await expect(later(1, { ifMatch: '"7"' })).rejects.toMatchObject({ status: 412 });
    expect(await later(0)).toMatchObject({ status: 200, body: { version: 1 } });
    expect(receipts.kept.size).toBe(0);
  });

  it('leaves no receipt of an event that Kafka certainly did not take', async () => {
    beforeAppend = async () => {
      throw new BanyanError('LOG_NOT_WRITTEN', 'the queue is full', { retryable: true });
    };
    await expect(later(5)).rejects.toMatchObject({ code: 'API_LOG_AWAY' });
    expect(receipts.kept.size).toBe(0);
  });

  it('gives a repeat under its key the same receipt, and appends nothing again', async () => {
    const memory = new Memory();
    const first = await later(5, { journal: memory.journal() });
    expect(await later(5, { journal: memory.journal() })).toEqual(first);
    expect(store.records()).toHaveLength(2);
    // Asked without the preference, the same key waits for the outcome.
    tools = { ...tools, outcomeDeadlineMs: 30 };
    expect(await raise(5, { journal: memory.journal() })).toMatchObject({
      status: 200,
      body: { version: 2, total: 5 },
    });
    expect(store.records()).toHaveLength(2);
  });

  it('finishes under its key what a killed try may have appended: the same bytes, one effect, one receipt', async () => {
    const memory = new Memory();
    log.down();
    await expect(later(5, { journal: memory.journal() })).rejects.toMatchObject({ code: 'API_OUTCOME_UNKNOWN' });
    log.up();
    expect(await later(5, { journal: memory.journal() })).toMatchObject({ status: 202, body: { eventId: 'event-2' } });
    expect(store.records().map(({ headers }) => headers.ce_id)).toEqual(['event-1', 'event-2', 'event-2']);
    expect(await total()).toBe(5);
    expect([...receipts.kept.keys()]).toEqual(['event-2']);
  });

  it('is not decided again when another writer was first: the receipt says so', async () => {
    beforeAppend = () => another(10, 'first');
    expect(await later(5)).toMatchObject({ status: 202 });
    expect(await total()).toBe(10);
  });

  it('with wait= it is answered with the outcome when that comes in time, and where legacy’s half is told', async () => {
    tools = { ...tools, outcomeDeadlineMs: 30 };
    expect(await later(5)).toMatchObject({
      status: 200,
      headers: { etag: '"2"', link: '</v2/receipts/event-2>; rel="status"' },
    });
    store.freeze();
    expect(await later(5)).toMatchObject({ status: 202, headers: { location: '/v2/receipts/event-3' } });
  });
});
