import { RECEIPTS_TOPIC } from '@banyan/contracts';
import { newId } from '@banyan/core';
import { InMemoryEventLog } from '@banyan/kafka/testing';
import type { MemoryDatabase } from '@banyan/postgres/testing';
import { describe, expect, it } from '@jest/globals';
import { type IntentRow, type LinkRow, type PortedTableRow, TABLE, type WorkRow } from './testing/memory-store/rows.js';
import { PorterInMemory, type PorterLife } from './testing/porter-in-memory.js';
import { PATH } from './testing/things.js';

type Comparing = ConstructorParameters<typeof PorterInMemory>[0];

/** A thing that is made and changed, one that is only made, and one that is gone again. */
async function given(by: Comparing): Promise<{ readonly world: PorterInMemory; readonly events: string[] }> {
  const world = new PorterInMemory(by);
  await world.log.createTopics([{ name: RECEIPTS_TOPIC, partitions: 1 }]);
  const [a, b, c] = [newId(), newId(), newId()] as [string, string, string];
  const events = [
    world.happened(a, 0, { name: 'a' }),
    world.happened(b, 0, { name: 'b' }),
    world.happened(c, 0, { name: 'c' }),
    world.happened(a, 1, { name: 'a, changed' }),
    world.happened(c, 1, null),
  ];
  return { world, events };
}

const done =
  ({ log, database }: PorterInMemory, events: readonly string[]) =>
  () =>
    log.records(RECEIPTS_TOPIC).length >= events.length &&
    database.committed(TABLE.work).length === 0 &&
    database.committed(TABLE.receipt).length === 0;

async function expectAllPorted(world: PorterInMemory, events: readonly string[], lives: readonly PorterLife[]) {
  const { legacy } = world.things;
  expect(
    legacy
      .rows(PATH)
      .map(({ Name }) => Name)
      .toSorted(),
  ).toEqual(['a, changed', 'b']);
  expect(legacy.executed.filter(({ method }) => method === 'POST')).toHaveLength(3);
  const receipts = await world.receipts();
  expect(receipts.map(({ outcome }) => outcome)).toEqual(events.map(() => 'ported'));
  expect(receipts.map(({ eventId }) => eventId).toSorted()).toEqual(events.toSorted());
  expect(lives.flatMap(({ errors }) => errors)).toEqual([]);
}

/** Key and version, and the row that legacy has then. */
const portedIn = ({ database }: PorterInMemory) =>
  database
    .committed<PortedTableRow>(TABLE.ported)
    .map(([, { key, version, hash, earlier }]) => [key, version, hash, earlier] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
const linksIn = ({ database }: PorterInMemory) =>
  database
    .committed<LinkRow>(TABLE.link)
    .map(([, { key, legacyId }]) => [key, legacyId] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
const takenIn = ({ database }: PorterInMemory) =>
  Number(database.committed<{ nextOffset: bigint }>('sink_offset')[0]?.[1].nextOffset ?? 0n);

describe.each(['look', 'if-match'] as const)('a porter in memory (%s)', (by) => {
  it('takes in, sends and tells of every event, in virtual time', async () => {
    const { world, events } = await given(by);
    const life = await world.porter('porter-0');
    await world.time.until(done(world, events));
    await expectAllPorted(world, events, [life]);
    life.kill();
  });

  it('does each once, whichever statement it is killed at, when it comes up again', async () => {
    let killed = true;
    for (let at = 1; killed; at += 1) {
      const { world, events } = await given(by);
      let steps = 0;
      killed = false;
      let life: PorterLife | undefined;
      const first = await world.porter('porter-0', () => {
        steps += 1;
        if (steps !== at || life === undefined) return;
        killed = true;
        life.kill();
      });
      life = first;
      steps = 0;
      await world.time.until(() => killed || done(world, events)());
      const second = killed ? await world.porter('porter-0') : first;
      await world.time.until(done(world, events));
      await expectAllPorted(world, events, [first, second]);
      second.kill();
      if (!killed) expect(at).toBeGreaterThan(50);
    }
  }, 60_000);

  it('sends nothing twice when its database is lost: receipts say what is done, and with which row', async () => {
    const { world, events } = await given(by);
    const first = await world.porter('porter-0');
    await world.time.until(done(world, events));
    const ported = portedIn(world);
    const links = linksIn(world);
    const { executed } = world.things.legacy;
    const writes = executed.length;
    first.kill();
    world.loseDatabase();
    const second = await world.porter('porter-0');
    await world.time.until(() => takenIn(world) === events.length);
    await world.time.pass(60_000);
    expect(executed).toHaveLength(writes);
    await expectAllPorted(world, events, [first, second]);
    expect([portedIn(world), linksIn(world)]).toEqual([ported, links]);
    // It goes on from there, by the row that it never saw itself.
    const [[key = '', version = 0] = []] = ported;
    events.push(world.happened(key, version, { name: 'and again' }));
    second.kill();
    const third = await world.porter('porter-0');
    await world.time.until(done(world, events));
    expect(world.things.legacy.rows(PATH).map(({ Name }) => Name)).toContain('and again');
    expect((await world.receipts()).at(-1)).toMatchObject({ outcome: 'ported', operation: 'update' });
    third.kill();
  });

  it('sends nothing that a person gave up when its database is lost, and knows whether it was made good', async () => {
    const world = new PorterInMemory();
    await world.log.createTopics([{ name: RECEIPTS_TOPIC, partitions: 1 }]);
    const { legacy } = world.things;
    const [changed, never] = [newId(), newId()] as [string, string];
    world.happened(changed, 0, { name: 'a' });
    const first = await world.porter('porter-0');
    await world.time.until(done(world, ['made']));
    first.kill();
    for (const method of ['POST', 'PUT'] as const) legacy.failNext(method, { type: 'answer', status: 422, body: 'no' });
    const refused = [world.happened(changed, 1, { name: 'b' }), world.happened(never, 0, { name: 'c' })];
    const second = await world.porter('porter-0');
    const standing = () => world.database.committed<WorkRow>(TABLE.work).filter(([, { state }]) => state === 'parked');
    await world.time.until(() => standing().length === 2);
    for (const [n, key] of [changed, never].entries())
      await world.repairs().discard({ key, eventId: refused[n] ?? '', by: 'ann', reason: 'a test' });
    await world.time.until(done(world, ['made', 'parked', 'parked', 'discarded', 'discarded']));
    const writes = () => legacy.executed.filter(({ method }) => method !== 'GET').length;
    const before = writes();
    const unlike = async () =>
      (await world.repairs().unlike()).map(({ key, version, by, reason }) => [key, version, by, reason]).toSorted();
    const given = [
      [changed, 2, 'ann', 'a test'],
      [never, 1, 'ann', 'a test'],
    ].toSorted();
    expect(await unlike()).toEqual(given);

    second.kill();
    world.loseDatabase();
    const third = await world.porter('porter-0');
    await world.time.until(() => takenIn(world) === 3);
    await world.time.pass(60_000);
    expect([writes(), await unlike(), standing()]).toEqual([before, given, []]);

    // Made good, and lost once more.
    await world.repairs().batch({ request: 1, scope: { unlike: true } }, { size: 10, workedMs: 0 });
    await world.time.until(
      done(
        world,
        Array.from({ length: 7 }, () => 'receipts'),
      ),
    );
    const names = () => legacy.rows(PATH).map(({ Name }) => Name);
    expect([names(), await unlike()]).toEqual([['b', 'c'], []]);
    const [ported, links] = [portedIn(world), linksIn(world)];
    third.kill();
    world.loseDatabase();
    const fourth = await world.porter('porter-0');
    await world.time.until(() => takenIn(world) === 3);
    await world.time.pass(60_000);
    expect([writes(), await unlike(), names()]).toEqual([before + 2, [], ['b', 'c']]);
    expect([portedIn(world), linksIn(world)]).toEqual([ported, links]);
    fourth.kill();
    expect([first, second, third, fourth].flatMap(({ errors }) => errors)).toEqual([]);
  });

  it('makes no row twice whichever statement it was killed at when its database was lost', async () => {
    let killed = true;
    for (let at = 1; killed; at += 1) {
      const world = new PorterInMemory();
      await world.log.createTopics([{ name: RECEIPTS_TOPIC, partitions: 1 }]);
      // One was told of: without a single receipt nobody can tell that there was a porter before.
      const keys = [newId(), newId(), newId()];
      const events = keys.slice(0, 1).map((key) => world.happened(key, 0, { name: 'thing 0' }));
      const before = await world.porter('porter-0');
      await world.time.until(done(world, events));
      before.kill();
      events.push(...keys.slice(1).map((key, n) => world.happened(key, 0, { name: `thing ${n + 1}` })));
      let life: PorterLife | undefined;
      let steps = 0;
      killed = false;
      life = await world.porter('porter-0', () => {
        steps += 1;
        if (steps !== at || life === undefined) return;
        killed = true;
        life.kill();
      });
      steps = 0;
      await world.time.until(() => killed || done(world, events)());
      life.kill();
      world.loseDatabase();
      const second = await world.porter('porter-0');
      await world.time.until(
        () => takenIn(world) === events.length && world.database.committed(TABLE.work).length === 0,
      );
      const names = world.things.legacy.rows(PATH).map(({ Name }) => Name);
      expect([at, names.toSorted()]).toEqual([at, ['thing 0', 'thing 1', 'thing 2']]);
      expect(
        linksIn(world)
          .map(([key]) => key)
          .toSorted(),
      ).toEqual(keys.toSorted());
      second.kill();
      if (!killed) expect(at).toBeGreaterThan(30);
    }
  }, 60_000);

  it('sends nothing twice when its database is put back to an earlier moment, where sends are due that were made since', async () => {
    const { world, events } = await given(by);
    let backup: MemoryDatabase | undefined;
    const first = await world.porter('porter-0', () => {
      // The moment behind the intake: everything is due, nothing is sent.
      if (backup === undefined && world.database.committed(TABLE.work).length === events.length)
        backup = world.database.copy();
    });
    await world.time.until(done(world, events));
    first.kill();
    const { executed } = world.things.legacy;
    const writes = executed.length;
    if (backup === undefined) throw new Error('a backup');
    world.database = backup;
    const second = await world.porter('porter-0');
    await world.time.until(() => world.database.committed(TABLE.work).length === 0);
    await world.time.pass(60_000);
    expect(executed).toHaveLength(writes);
    await expectAllPorted(world, events, [first, second]);
    second.kill();
    // Later starts have nothing to learn, and doubt nothing any more.
    const [key = newId()] = portedIn(world)[0] ?? [];
    world.happened(key, portedIn(world)[0]?.[1] ?? 0, { name: 'later' });
    const third = await world.porter('porter-0');
    expect(world.database.committed<IntentRow>(TABLE.intent).filter(([, { state }]) => state !== 'closed')).toEqual([]);
    third.kill();
  });

  it('sends nothing from a database of parts of different days', async () => {
    const { world, events } = await given(by);
    const first = await world.porter('porter-0');
    await world.time.until(done(world, events));
    first.kill();
    await world.database.session().transaction((tx) =>
      tx.run('a part is put back', (rows) => {
        for (const table of [TABLE.receiptsRead, 'sink_offset'])
          for (const [id] of rows.all(table)) rows.delete(table, id);
      }),
    );
    await expect(world.porter('porter-0')).rejects.toMatchObject({ code: 'PORTER_DATABASE_MIXED', retryable: false });
  });

  it('sends nothing beside a log that is not the one of its database', async () => {
    const { world, events } = await given(by);
    const first = await world.porter('porter-0');
    await world.time.until(done(world, events));
    first.kill();
    const second = await world.porter('porter-0');
    second.kill();
    world.log = new InMemoryEventLog({ clock: world.time });
    await world.log.createTopics([{ name: RECEIPTS_TOPIC, partitions: 1 }]);
    await expect(world.porter('porter-0')).rejects.toMatchObject({ code: 'PORTER_RECEIPTS_GONE', retryable: false });
  });
});
