import { setTimeout as delay } from 'node:timers/promises';
import { entities } from '@banyan/migration';
import { createPool, query } from '@banyan/postgres';
import type { Stack } from '@banyan/stack';
import { commit, httpRequest, produce, type Request } from '@banyan/stack/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BackfillRun, backfill, banyan } from './operator.js';
import { acksReadBack } from './testing/acks-read-back.js';
import { countsOf, note } from './testing/ledger.js';
import { type LinkedWorld, type Links, linkedWorld } from './testing/linked-world.js';
import { secondsToDrain } from './testing/once-in-both.js';
import { type Ledger, TwoDoors } from './testing/two-doors.js';
import { until } from './until.js';
import { APPS, type World } from './world.js';

/** Orders of each trial, half of them at the new API with Idempotency-Keys, half at legacy's address with PO numbers. */
const ORDERS = 500;
/** The fault comes when so many of them are acknowledged. */
const BEFORE_FAULT = 100;
const WRITES_PER_SECOND = 30;
const OUTAGE_MS = 5_000;
const LOST_ANSWERS = 20;

/** One fault after the other into a system under load, all its parts real, and all its books looked through after each. */
describe(`${ORDERS} orders from both doors, and as many changes of orders, under each fault`, () => {
  let linked: LinkedWorld;
  let world: World;
  let stack: Stack;
  let doors: TwoDoors;
  const told = new Set<string>();
  /** Also where one trial is run alone, its books begin behind a backfill; but for that of the backfill itself. */
  let backfilled = false;

  beforeAll(async () => {
    linked = await linkedWorld('matrix');
    ({ world, stack } = linked);
    for (const { name } of entities) await banyan(world, `entities authority ${name} --to new`);
    doors = new TwoDoors({
      world,
      name: 'matrix',
      writesPerSecond: WRITES_PER_SECOND,
      createEvery: 2,
      urls: { legacy: linked.urls.proxy, api: linked.urls.api },
    });
    await doors.start();
    await doors.stop();
  }, 300_000);

  afterAll(async () => {
    await doors?.stop().catch(() => undefined);
    await linked?.stop();
  }, 120_000);

  it(
    'the driver of a backfill killed with SIGKILL after each entity',
    () =>
      trial(
        async () => {
          const { hash } = await banyan<{ hash: string }>(world, 'backfill plan');
          for (const progress of ['customer', 'product', 'order']) {
            const driver = world.startBanyan(['backfill', 'run', '--plan', hash, '--json']);
            await begun(hash, progress);
            driver.kill();
            expect((await driver.result).code).not.toBe(0);
          }
          const run = await banyan<BackfillRun & { resumed: boolean }>(world, `backfill run --plan ${hash}`);
          expect([run.resumed, run.done]).toEqual([true, true]);
          backfilled = true;
        },
        { behindBackfill: false },
      ),
    300_000,
  );

  it.each(APPS)(
    '%s killed with SIGKILL',
    (app) =>
      trial(async () => {
        await world.app(app).kill();
        await world.app(app).start();
      }),
    300_000,
  );

  it.each(['kafka', 'postgres'] as const)(
    '%s killed, and started again after 5 s',
    (service) => trial(() => outage(stack.services[service])),
    300_000,
  );

  it(
    'the registry killed, new API, projector and porter with it; they start without it',
    () =>
      trial(() =>
        outage(stack.services.registry, async () => {
          for (const app of ['new-api', 'v2-projector', 'legacy-porter'] as const) {
            await world.app(app).kill();
            await world.app(app).start();
          }
        }),
      ),
    300_000,
  );

  it('legacy killed, and started again after 5 s', () => trial(() => outage(world.app('legacy-northwind'))), 300_000);

  it.each<[string, keyof Links, Request]>([
    ['appends to Kafka, of events and receipts', 'kafka', produce],
    ['commits of all four owners of PostgreSQL, and of legacy', 'postgres', commit],
    ['creations that legacy committed', 'legacy', httpRequest(/^POST \/api\/orders/)],
    ['changes that legacy committed', 'legacy', httpRequest(/^PUT \/api\/orders/)],
    ['commands of the proxy to the new API', 'apiOfProxy', httpRequest(/^P/)],
    ['creations at the new API', 'api', httpRequest(/^POST \/v2\/orders/)],
    ['changes at the new API', 'api', httpRequest(/^PUT \/v2\/orders/)],
    ['creations of legacy clients at the proxy', 'proxy', httpRequest(/^POST \/api\/orders/)],
    ['changes of legacy clients at the proxy', 'proxy', httpRequest(/^PUT \/api\/orders/)],
  ])(
    `${LOST_ANSWERS} answers lost: %s`,
    (_, link, request) =>
      trial(async () => {
        const answers = linked.links[link].loseAnswers(request, LOST_ANSWERS);
        await until(`${LOST_ANSWERS} answers are lost`, async () => answers.lost === LOST_ANSWERS || undefined, 60_000);
      }),
    300_000,
  );

  /** Load, the fault in its midst, and then every book. */
  async function trial(fault: () => Promise<void>, { behindBackfill = true } = {}): Promise<void> {
    if (behindBackfill && !backfilled) backfilled = (await backfill(world)).done;
    const before = doors.counts;
    doors.resume();
    try {
      await doors.acknowledgeMore(BEFORE_FAULT, 60_000);
      await fault();
      await doors.acknowledgeMore(Math.max(0, ORDERS - (doors.counts.creates - before.creates)), 120_000);
    } finally {
      await doors.stop();
    }
    process.stdout.write(`${doors.said.slice(0, 8).join('\n')}\n`);
    // Within 60 s, or it throws.
    const drainedSeconds = await secondsToDrain(world);
    const wrong = newlyWrong(await doors.ledger());
    note({
      fault: expect.getState().currentTestName?.split(' under each fault ')[1] ?? '',
      orders: doors.counts.creates - before.creates,
      changes: doors.counts.updates - before.updates,
      askedAgain: doors.counts.askedAgain - before.askedAgain,
      ...countsOf(wrong),
      drainedSeconds,
    });
    expect(wrong).toEqual({ lost: [], doubled: [], overwritten: [], unowned: [] });
    const acks = await acksReadBack(world);
    expect([acks.same > 0, acks.lost]).toEqual([true, 0]);
    // What legacy has is what V2 knows: a backfill finds nothing to bring, its books are exact, and both sides are equal.
    const { done, books } = await backfill(world);
    expect([done, books.map(({ buckets }) => buckets.imported)]).toEqual([true, books.map(() => 0)]);
    for (const { sourceRows, buckets } of books) expect(sum(Object.values(buckets))).toBe(sourceRows);
    expect(await banyan(world, 'verify')).toMatchObject({ verdict: 'identical' });
  }

  /** What an earlier trial has told of is not told again. */
  function newlyWrong({ lost, doubled, overwritten, unowned }: Ledger) {
    const fresh = (kind: string, found: readonly string[]) =>
      found.filter((one) => {
        const isNew = !told.has(`${kind} ${one}`);
        told.add(`${kind} ${one}`);
        return isNew;
      });
    return {
      lost: fresh('lost', lost),
      doubled: fresh('doubled', doubled),
      overwritten: fresh('overwritten', overwritten),
      unowned: fresh('unowned', unowned),
    };
  }

  async function outage(part: { kill(): Promise<void>; start(): Promise<void> }, meanwhile = async () => {}) {
    await part.kill();
    await Promise.all([delay(OUTAGE_MS), meanwhile()]);
    await part.start();
  }

  /** Until a chunk of this entity is in the checkpoints of the plan's run. */
  async function begun(plan: string, entity: string): Promise<void> {
    const pool = createPool({ url: world.databaseUrls.admin, applicationName: 'fault-matrix', max: 1 });
    const text =
      'select from banyan.run_entity as done join banyan.run on run.id = done.run where run.plan = $1 and entity = $2';
    const look = async () => ((await query(pool, text, [plan, entity])).length > 0 ? true : undefined);
    await until(`a chunk of ${entity} is moved`, look).finally(() => pool.end());
  }
});

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
