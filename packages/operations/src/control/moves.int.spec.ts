import { entityControl } from '@banyan/control';
import { newId } from '@banyan/core';
import { query } from '@banyan/postgres';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { emptyBooks } from '../backfill/books.js';
import { openCheckpoints } from '../backfill/checkpoints.js';
import { MovingWorld, order } from '../testing/moving-world.js';
import { moveWrites, planMove } from './authority.js';
import { setWritesGone } from './entities.js';
import { recordVerification, verificationBegins } from './evidence.js';
import { readRoutesOf } from './legacy-routes.js';
import { listMismatches } from './mismatches.js';
import { forgetParty } from './parties.js';
import { switchPort } from './ports.js';
import { readiness } from './readiness.js';
import { explainRoute, historyOf, listRoutes, setRoute } from './routes.js';
import type { ControlSides } from './sides.js';

let world: MovingWorld;
let ann: ControlSides;

beforeAll(async () => {
  world = await MovingWorld.open();
  await world.proxy('legacy-api-proxy-0');
  ann = await world.sides('ann');
}, 180_000);

afterAll(async () => {
  await world?.close();
});

const authorities = () =>
  query<{ epoch: number; share: number; handback: number; partitions: number }>(
    world.pool,
    `select epoch, share, handback, count(*)::int as partitions from v2.sink_offset where consumer = 'order'
     group by epoch, share, handback`,
  );

/** A backfill of the order entity that was begun in this epoch and is done, as `runBackfill` leaves it. */
async function backfilled(epoch: number): Promise<void> {
  const checkpoints = await openCheckpoints(world.pool, newId);
  const hash = newId();
  await checkpoints.savePlan({ hash, entities: [] });
  const { id } = await checkpoints.openRun(hash);
  await checkpoints.save(id, 'order', { after: null, finished: true, books: emptyBooks('order'), epoch });
  await checkpoints.closeRun(id);
}

async function verified(verdict: 'identical' | 'different'): Promise<void> {
  const startedAt = await verificationBegins(world.pool);
  const differences =
    verdict === 'identical'
      ? []
      : [{ entity: 'order', key: 'k', legacyId: '1', kind: 'different' as const, details: [] }];
  const entity = {
    entity: 'order',
    legacyRows: 1,
    v2Rows: 1,
    compared: 1,
    differing: differences.length,
    notLookedAt: 0,
    differences,
  };
  await recordVerification(world.pool, startedAt, { verdict, entities: [entity] });
}

/** Called again until it is done, or waits for nothing but this: on a busy machine a short patience may be over before it comes so far. */
async function movedOrWaits(goal: 'new' | 'legacy', only: string, patienceMs: number) {
  for (;;) {
    const result = await moveWrites(ann, order, { goal, patienceMs });
    if (result.outcome !== 'open' || result.waitsFor.every((one) => one.startsWith(only))) return result;
  }
}

// One story in order: each part begins where the one before it ended.
describe('the writes of an entity on a real log', () => {
  it('are described before they move, and the description changes nothing', async () => {
    const plan = await planMove(ann, order, 'new');
    expect(plan).toMatchObject({ possible: true, writes: 'legacy', next: 'write EntityOpened' });
    expect(plan.proxies).toEqual(['legacy-api-proxy-0']);
    expect(historyOf(ann, 'order')).toEqual([]);
  });

  it('move when every proxy has prepared, and every partition has the epoch', async () => {
    expect(await moveWrites(ann, order, { goal: 'new' })).toMatchObject({ outcome: 'moved', entity: { epoch: 1 } });
    expect(await authorities()).toEqual([{ epoch: 1, share: 100, handback: 0, partitions: 12 }]);
    expect(historyOf(ann, 'order').map(({ type }) => type)).toEqual([
      'EntityOpened',
      'MovePlanned',
      'MovePrepared',
      'MoveFenced',
      'MoveAnnounced',
    ]);
  });

  it('let reads go to V2 only behind a backfill of this epoch and a verification of it', async () => {
    const [route = ''] = readRoutesOf([order], 'order');
    const refused = (why: string) =>
      expect(setRoute(ann, route, 'new')).rejects.toMatchObject({
        code: 'OPERATIONS_REFUSED',
        message: expect.stringContaining(why),
      });
    await backfilled(0);
    await refused('no backfill of order that was begun in epoch 1 is done');
    await backfilled(1);
    await refused('was not verified since its backfill');
    await verified('different');
    await refused('verify of order said different');
    await verified('identical');
    expect((await explainRoute(ann, route)).may).toEqual({ new: 'yes' });
    await setRoute(ann, route, 'new');
    expect(listRoutes(ann).find((one) => one.route === route)).toMatchObject({ mode: 'new', by: 'ann' });
  });

  it('do not go back while V2 answers reads', async () => {
    await expect(moveWrites(ann, order, { goal: 'legacy' })).rejects.toMatchObject({
      code: 'AUTHORITY_REFUSED',
      message: expect.stringContaining('V2 answers'),
    });
    const [route = ''] = readRoutesOf([order], 'order');
    await setRoute(ann, route, 'shadow');
  });

  it('do not go back while a key is parked or unlike; then wait behind the fence for the porter, and can be given up', async () => {
    world.porter.parked = 2;
    await expect(moveWrites(ann, order, { goal: 'legacy' })).rejects.toMatchObject({
      message: expect.stringContaining('2 keys parked'),
    });
    Object.assign(world.porter, { parked: 0, unlike: 3 });
    await expect(moveWrites(ann, order, { goal: 'legacy' })).rejects.toMatchObject({
      message: expect.stringContaining('3 keys unlike'),
    });
    const settled = (await readiness(ann)).items.find(({ what }) => what === 'settled');
    expect(settled).toMatchObject({ ok: false, evidence: expect.stringContaining('3 keys unlike') });
    Object.assign(world.porter, {
      unlike: 0,
      drained: false,
      open: [{ consumer: 'order.backend', key: 'k', what: 'update of version 2: ready' }],
    });
    const open = await movedOrWaits('legacy', 'order.backend', 1_000);
    expect(open).toMatchObject({
      outcome: 'open',
      waitsFor: ['order.backend k: update of version 2: ready'],
      entity: { move: { step: 'fenced' } },
    });
    expect(await authorities()).toEqual([{ epoch: 2, share: 0, handback: 0, partitions: 12 }]);
    const bob = await world.sides('bob');
    expect(await moveWrites(bob, order, { goal: 'abort' })).toMatchObject({
      outcome: 'aborted',
      entity: { writeMode: 'new', share: 100, epoch: 3 },
    });
    expect(await authorities()).toEqual([{ epoch: 3, share: 100, handback: 0, partitions: 12 }]);
  });

  it('go back when legacy has everything, by whoever goes on, and forward again', async () => {
    expect(await moveWrites(ann, order, { goal: 'legacy', patienceMs: 0 })).toMatchObject({ outcome: 'open' });
    Object.assign(world.porter, { drained: true, open: [] });
    const bob = await world.sides('bob');
    expect(await moveWrites(bob, order, { goal: 'legacy' })).toMatchObject({ outcome: 'moved', entity: { epoch: 5 } });
    expect(await authorities()).toEqual([{ epoch: 5, share: 0, handback: 5, partitions: 12 }]);
    await query(
      world.pool,
      `insert into v2.state (consumer, key, version, liveness, owner, epoch, recent_events, applied_version, transformer_version)
       values ('order', $1, 1, 'live', 'new', 1, '', 1, 1)`,
      [newId()],
    );
    expect((await planMove(ann, order, 'new')).keys).toEqual({ legacy: 1 });
    expect(await moveWrites(ann, order, { goal: 'new' })).toMatchObject({ outcome: 'moved', entity: { epoch: 6 } });
    expect(await authorities()).toEqual([{ epoch: 6, share: 100, handback: 5, partitions: 12 }]);
  });

  it('do not move past a proxy that is frozen, until a person says that it is dead', async () => {
    await moveWrites(ann, order, { goal: 'legacy' });
    const frozen = await world.control('legacy-api-proxy-9');
    await frozen.join({ app: 'legacy-api-proxy', url: null });
    expect(await movedOrWaits('new', 'legacy-api-proxy-9', 500)).toMatchObject({
      outcome: 'open',
      waitsFor: ['legacy-api-proxy-9'],
    });
    await forgetParty(ann, 'legacy-api-proxy-9');
    const said: string[] = [];
    expect(await moveWrites(ann, order, { goal: 'new', onStep: (words) => said.push(words) })).toMatchObject({
      outcome: 'moved',
    });
    expect(said.join('\n')).toContain('legacy-api-proxy-9 was forgotten');
  });

  it('switch a port off only when legacy answers nothing and nothing is open, and say what is left', async () => {
    await expect(switchPort(ann, 'order.backend', 'off')).rejects.toMatchObject({
      message: expect.stringContaining('legacy still answers'),
    });
    const { epoch } = entityControl(ann.control.state(), 'order');
    await backfilled(epoch);
    await verified('identical');
    for (const route of readRoutesOf([order], 'order')) await setRoute(ann, route, 'new');
    world.porter.work = 3;
    await expect(switchPort(ann, 'order.backend', 'off')).rejects.toMatchObject({
      message: expect.stringContaining('3 sends are open'),
    });
    world.porter.work = 0;
    // The process that answers owns none of these partitions, and tells a lag of 0.
    world.porter.behind = 1;
    await expect(switchPort(ann, 'order.backend', 'off')).rejects.toMatchObject({
      message: expect.stringContaining('12 records behind'),
    });
    world.porter.behind = 0;
    expect((await readiness(ann)).items.filter(({ ok }) => !ok).map(({ what }) => what)).toEqual(['ports']);
    await switchPort(ann, 'order.backend', 'off');
    expect(await readiness(ann)).toMatchObject({ ready: true });
    await setWritesGone(ann, order, true);
    await setWritesGone(ann, order, false);
    await switchPort(ann, 'order.backend', 'on');
    expect((await readiness(ann)).ready).toBe(false);
  });

  it('has clear words for what does not exist', async () => {
    await expect(setRoute(ann, 'order.nothing', 'new')).rejects.toMatchObject({ code: 'OPERATIONS_UNKNOWN_ROUTE' });
    const [route = ''] = readRoutesOf([order], 'order');
    await expect(setRoute(ann, route, 'canary')).rejects.toMatchObject({ code: 'OPERATIONS_UNKNOWN_MODE' });
    await expect(switchPort(ann, 'order.frontend', 'off')).rejects.toMatchObject({ code: 'OPERATIONS_UNKNOWN_PORT' });
    expect(await listMismatches({ log: world.log, codec: null as never, topicPrefix: world.prefix }, 10)).toEqual([]);
  });
});
