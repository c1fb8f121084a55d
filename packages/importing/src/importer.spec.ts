import { eventHeaders, markerHeaders } from '@banyan/contracts';
import { importedId, type KeyState, systemClock } from '@banyan/core';
import type { Appender } from '@banyan/kafka';
import { InMemoryEventLog } from '@banyan/kafka/testing';
import type { AnyEntity } from '@banyan/transformer';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Importer } from './import-types.js';
import { createImporterOver } from './importer.js';
import { FakeLegacy, FakePorter, FoldedLog, thing } from './testing/things.js';

const TOPIC = 'test.thing.v1';
const PARTITIONS = 2;
const BORN = '01900000-0000-7000-8000-000000000001';

let log: InMemoryEventLog;
let appender: Appender;
let legacy: FakeLegacy;
let porter: FakePorter;
let v2: FoldedLog;
let ids: number;

beforeEach(async () => {
  log = new InMemoryEventLog();
  await log.createTopics([{ name: TOPIC, partitions: PARTITIONS }]);
  appender = await log.appender();
  legacy = new FakeLegacy();
  porter = new FakePorter();
  v2 = new FoldedLog(log, TOPIC, PARTITIONS);
  ids = 0;
});

function importer(
  origin: 'backfill' | 'adoption' | 'capture' = 'backfill',
  { entity = thing, appendDeadlineMs = 10_000 } = {},
): Importer {
  return createImporterOver({
    entity,
    entities: [entity],
    origin,
    source: 'spec',
    topicPrefix: '',
    log: appender,
    codec: { encode: (_type, data) => Buffer.from(JSON.stringify(data)) },
    observer: v2,
    progress: { reached: async () => true, close: async () => undefined },
    reader: legacy.reader(),
    porter,
    newId: () => `event-${ids++}`,
    clock: systemClock,
    waitForIntentsMs: 20,
    appendDeadlineMs,
  });
}

const run = async (legacyIds: readonly string[], by = importer()) =>
  by.importChunk(legacyIds.map((legacyId) => ({ legacyId })));
const buckets = async (legacyIds: readonly string[], by = importer()) =>
  (await run(legacyIds, by)).map((result) => result.bucket);
const stateOf = async (key: string): Promise<KeyState | undefined> => (await v2.keyStates('thing', [key])).get(key);
const keyOf = (legacyId: string) => importedId('thing', legacyId);

async function native(key: string, id: string, expectedVersion: number, liveness: 'live' | 'deleted' = 'live') {
  const headers = eventHeaders({
    id,
    type: 'test.thing.v1.ThingChanged',
    source: 'spec',
    timeMs: 0,
    subject: key,
    origin: 'api',
    expectedVersion,
    epoch: Math.min(...[...(await v2.authorities()).values()].map((authority) => authority.epoch)),
    liveness,
  });
  await appender.append({ topic: TOPIC, key, value: null, headers });
}

async function marker(type: 'fence' | 'handback', epoch: number, share = 0): Promise<void> {
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    const headers = markerHeaders(type === 'fence' ? { type, epoch, share } : { type, epoch }, {
      id: `marker-${epoch}`,
      source: 'spec',
      timeMs: 0,
      subject: TOPIC,
    });
    await appender.append({ topic: TOPIC, partition, key: null, value: null, headers });
  }
}

describe('importChunk', () => {
  it('imports each row once; a second run publishes nothing', async () => {
    legacy.put('1', 'one');
    legacy.put('2', 'two', '1');
    expect(await run(['1', '2'])).toMatchObject([
      { legacyId: '1', bucket: 'imported', key: keyOf('1'), refs: [] },
      { legacyId: '2', bucket: 'imported', key: keyOf('2'), refs: [{ entity: 'thing', legacyId: '1' }] },
    ]);
    const appended = v2.records().length;
    expect(await buckets(['1', '2'])).toEqual(['unchanged', 'unchanged']);
    expect(v2.records()).toHaveLength(appended);
  });

  it('gives one row one entity, however its id was written', async () => {
    legacy.put('7', 'seven');
    const results = await run(['7', ' 7 ']);
    expect(results.map((result) => result.key)).toEqual([keyOf('7'), keyOf('7')]);
    expect(v2.records()).toHaveLength(1);
  });

  it('would give one row two entities, were its id taken as it was asked for', async () => {
    legacy.put('7', 'seven');
    const asAsked: AnyEntity = { ...thing, legacy: { ...thing.legacy, canonicalId: (raw) => raw, idOf: () => asked } };
    let asked = '';
    const keys = new Set<string | undefined>();
    for (asked of ['7', '07']) {
      if (asked !== '7') legacy.rows.set(asked, { Id: '7', Name: 'seven', Parent: null });
      keys.add((await run([asked], importer('backfill', { entity: asAsked })))[0]?.key);
    }
    expect(keys.size).toBe(2);
  });

  it('puts what cannot be mapped, and ids that no row can have, among the invalid, and goes on', async () => {
    legacy.put('1', '');
    legacy.put('2', 'two');
    expect(await run(['1', ' ', '2'])).toMatchObject([
      { bucket: 'invalid', reason: expect.stringContaining('a thing has a name') },
      { bucket: 'invalid', reason: 'A thing has an id.' },
      { bucket: 'imported' },
    ]);
  });

  it('publishes on the key that a link names: a row born in V2 never gets a second id', async () => {
    await native(BORN, 'placed', 0);
    porter.link('thing', BORN, '9');
    legacy.put('9', 'nine');
    expect(await run(['9'])).toMatchObject([{ bucket: 'already-new', key: BORN }]);
    expect(await stateOf(keyOf('9'))).toBeUndefined();
    expect(await stateOf(BORN)).toMatchObject({ version: 1, owner: 'new' });
  });

  it('holds a row that names one which a send in doubt may have made', async () => {
    porter.openIntents = [
      {
        entity: 'thing',
        key: BORN,
        eventId: 'e',
        operation: 'create',
        highWaterMark: '8',
        state: 'in-doubt',
        legacyId: null,
      },
    ];
    legacy.put('1', 'one', '9');
    expect(await run(['1'])).toMatchObject([{ bucket: 'held', reason: expect.stringContaining(BORN) }]);
    expect(v2.records()).toHaveLength(0);
  });

  it('appends nothing beside an import that is still on its way, however often it is tried while the log is away', async () => {
    legacy.put('1', 'one');
    legacy.put('2', 'two');
    const by = importer('backfill', { appendDeadlineMs: 20 });
    log.down();
    for (let tries = 0; tries < 3; tries += 1) {
      const behind = { code: 'IMPORT_LOG_BEHIND', retryable: true, data: { key: keyOf('1') } };
      await expect(run(['1'], by)).rejects.toMatchObject(behind);
    }
    log.up();
    expect(await buckets(['1', '2'], by)).toEqual(['unchanged', 'imported']);
    expect(v2.records()).toHaveLength(2);
  });

  it('goes on with other keys while one is on its way', async () => {
    legacy.put('1', 'one');
    legacy.put('2', 'two');
    const append = appender.append.bind(appender);
    appender.append = (record, options) =>
      record.key === keyOf('1') ? new Promise(() => undefined) : append(record, options);
    const by = importer('backfill', { appendDeadlineMs: 20 });
    await expect(run(['1'], by)).rejects.toMatchObject({ code: 'IMPORT_LOG_BEHIND' });
    expect(await buckets(['2'], by)).toEqual(['imported']);
  });

  it('throws, and publishes nothing, while the porter is away', async () => {
    legacy.put('1', 'one');
    porter.away = true;
    await expect(run(['1'])).rejects.toMatchObject({ code: 'IMPORT_PORTER_AWAY', retryable: true });
    expect(v2.records()).toHaveLength(0);
  });

  it('looks again when another import came in between its read and its publication', async () => {
    legacy.put('1', 'old');
    let once = true;
    legacy.afterRead = async () => {
      if (!once) return;
      once = false;
      legacy.put('1', 'new');
      expect(await buckets(['1'], importer('capture'))).toEqual(['imported']);
    };
    expect(await buckets(['1'])).toEqual(['unchanged']);
    expect(v2.records().map((record) => JSON.parse(String(record.value)).name)).toEqual(['new', 'old']);
    expect(await stateOf(keyOf('1'))).toMatchObject({ version: 1 });
  });

  it('ends deleted when the row is deleted and captured between a read and its publication', async () => {
    legacy.put('1', 'one');
    let once = true;
    legacy.afterRead = async () => {
      if (!once) return;
      once = false;
      legacy.rows.delete('1');
      expect(await buckets(['1'], importer('capture'))).toEqual(['absent']);
    };
    expect(await buckets(['1'])).toEqual(['absent']);
    expect(await stateOf(keyOf('1'))).toMatchObject({ liveness: 'deleted' });
  });

  it('imports the absence of a row that V2 knew, once', async () => {
    legacy.put('1', 'one');
    await run(['1']);
    legacy.rows.delete('1');
    expect(await run(['1'])).toMatchObject([{ bucket: 'absent', eventId: expect.any(String) }]);
    expect(await stateOf(keyOf('1'))).toMatchObject({ version: 2, liveness: 'deleted' });
    expect((await run(['1']))[0]).not.toHaveProperty('eventId');
  });

  it('appends nothing for an adoption of an id that nobody ever saw', async () => {
    expect(await buckets(['404'], importer('adoption'))).toEqual(['absent']);
    expect(v2.records()).toHaveLength(0);
  });

  it('never resurrects within an epoch what V2 deleted', async () => {
    legacy.put('1', 'one');
    await marker('fence', 1, 100);
    await run(['1']);
    await native(keyOf('1'), 'removed', 1, 'deleted');
    expect(await buckets(['1'])).toEqual(['already-new']);
    expect(await stateOf(keyOf('1'))).toMatchObject({ version: 2, liveness: 'deleted', owner: 'new' });
  });

  it('publishes an unchanged row again in a later epoch, so that its key may be changed in it', async () => {
    legacy.put('1', 'one');
    await run(['1']);
    await marker('fence', 1, 100);
    expect(await buckets(['1'])).toEqual(['unchanged']);
    expect(await stateOf(keyOf('1'))).toMatchObject({ version: 2, epoch: 1 });
  });

  it('takes a row as it came with its id only while its key was never seen', async () => {
    const row = { Id: '1', Name: 'as paged', Parent: null };
    legacy.put('1', 'as read again');
    const names = () => v2.records().map((record) => JSON.parse(String(record.value)).name);
    await importer().importChunk([{ legacyId: '1', row }]);
    expect(names()).toEqual(['as paged']);
    await importer().importChunk([{ legacyId: '1', row }]);
    expect(names()).toEqual(['as paged', 'as read again']);
  });
});
