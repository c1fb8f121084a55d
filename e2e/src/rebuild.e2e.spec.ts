import { isDeepStrictEqual } from 'node:util';
import { provisionDatabase, type Status } from '@banyan/operations';
import { createPool, databaseOf, inDatabase, query } from '@banyan/postgres';
import { createDatabase } from '@banyan/stack/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request } from 'undici';
import type { ChildApp } from './child-app.js';
import { backfill, banyan } from './operator.js';
import { drained } from './testing/once-in-both.js';
import { placeOrders } from './testing/order-load.js';
import { testWorld } from './testing/test-world.js';
import { until } from './until.js';
import type { World } from './world.js';

/** What is not of the log: when a row was written, who writes just now, and how many transactions there were. */
const OF_THE_PROCESS = /(_at|_since)$|^turn$/;
const NOT_OF_THE_LOG = ['migration'];

describe('V2 built anew from the log, beside the running one', () => {
  let world: World;
  let projector: ChildApp;
  let api: ChildApp;
  let rebuilt: string;
  let rebuiltUrl: string;

  beforeAll(async () => {
    world = await testWorld('rebuild');
    for (const entity of ['customer', 'product', 'order']) await banyan(world, `entities authority ${entity} --to new`);
    await backfill(world);
    await place('before', 40);
    await drained(world);
    rebuilt = `${databaseOf(world.databaseUrls.admin)}_2`;
    rebuiltUrl = await createDatabase(world.databaseUrls.admin, rebuilt);
    await provisionDatabase(rebuiltUrl, passwordsOf(world));
  }, 240_000);

  afterAll(async () => {
    await projector?.stop();
    await api?.stop();
    await world?.stop();
  }, 60_000);

  it('is the same, row by row, while the running one goes on', async () => {
    await banyan(world, `rebuild start ${rebuilt} --reason rehearsal`);
    await place('meanwhile', 20);
    await drained(world);
    await until('the new V2 has caught up', async () => ((await rebuild())?.caughtUp === true ? true : undefined));
    // The last receipts may still come, and to one of the two first.
    await until('both have the same', async () => {
      const [one, other] = [await contentOf(world.databaseUrls.admin), await contentOf(rebuiltUrl)];
      return isDeepStrictEqual(one, other) ? true : undefined;
    }).catch(() => undefined);
    const running = await contentOf(world.databaseUrls.admin);
    expect(await contentOf(rebuiltUrl)).toEqual(running);
    expect(running.state?.length).toBeGreaterThan(900);
    const verified = await world.startBanyan(['verify', '--json'], {
      V2_DATABASE_URL: inDatabase(world.databaseUrls.banyan_operator, rebuilt),
    }).result;
    expect([verified.code, JSON.parse(verified.stdout)]).toMatchObject([0, { verdict: 'identical' }]);
  }, 240_000);

  it('takes over: the API reads it, the projector runs it, and nothing is built beside any more', async () => {
    await world.app('new-api').stop();
    api = world.another('new-api', { V2_DATABASE_URL: inDatabase(world.databaseUrls.banyan_api, rebuilt) });
    await api.start();
    await world.app('v2-projector').stop();
    projector = world.another('v2-projector', {
      V2_DATABASE_URL: inDatabase(world.databaseUrls.banyan_projector, rebuilt),
      GROUP_SUFFIX: `.${rebuilt}`,
    });
    await projector.start();
    expect(await rebuild()).toBeNull();
    await banyan(world, `rebuild end ${rebuilt} --reason over`);
    const [placed] = await place('after', 1);
    const rows = await rowsIn(rebuiltUrl, 'select version::int from v2.state where key = $1', [placed?.id]);
    expect(rows).toEqual([{ version: placed?.version }]);
    const read = await request(`${world.urls['new-api']}/v2/orders/${placed?.id}`);
    await read.body.dump();
    expect(read.statusCode).toBe(200);
  }, 120_000);

  /** As the projector that runs says it. */
  async function rebuild(): Promise<{ readonly caughtUp: boolean } | null | undefined> {
    const { apps } = await banyan<Status>(world, 'status');
    return apps.find(({ app }) => app === 'v2-projector')?.rebuild;
  }

  function place(name: string, count: number) {
    return placeOrders({ newApiUrl: world.urls['new-api'], name, count, concurrency: 4, timeoutMs: 60_000 });
  }
});

function passwordsOf({ databaseUrls }: World) {
  const of = (url: string) => new URL(url).password;
  return {
    banyan_projector: of(databaseUrls.banyan_projector),
    banyan_porter: of(databaseUrls.banyan_porter),
    banyan_api: of(databaseUrls.banyan_api),
    banyan_operator: of(databaseUrls.banyan_operator),
  };
}

/** Every table of schema `v2`, with its rows in the order of all their columns. */
async function contentOf(url: string): Promise<Readonly<Record<string, readonly unknown[]>>> {
  const columns = await rowsIn<{ table: string; column: string }>(
    url,
    `select table_name as table, column_name as column from information_schema.columns where table_schema = 'v2'
     order by table_name, ordinal_position`,
  );
  const tables = Map.groupBy(
    columns.filter(({ table, column }) => !NOT_OF_THE_LOG.includes(table) && !OF_THE_PROCESS.test(column)),
    ({ table }) => table,
  );
  const content: Record<string, readonly unknown[]> = {};
  for (const [table, ofTable] of tables) {
    const list = ofTable.map(({ column }) => `"${column}"`).join(', ');
    content[table] = await rowsIn(url, `select ${list} from v2."${table}" order by (${list})::text`);
  }
  return content;
}

async function rowsIn<R extends object>(url: string, text: string, values: readonly unknown[] = []): Promise<R[]> {
  const pool = createPool({ url, applicationName: 'rebuild-spec', max: 1 });
  return (await query<R>(pool, text, values as never).finally(() => pool.end())) as R[];
}
