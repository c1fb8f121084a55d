import { isDeepStrictEqual } from 'node:util';
import { provisionDatabase } from '@banyan/operations';
import { createPool, query } from '@banyan/postgres';
import { createDatabase, freePorts } from '@banyan/stack/testing';
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
  let rebuiltUrl: string;

  beforeAll(async () => {
    world = await testWorld('rebuild');
    for (const entity of ['customer', 'product', 'order']) await banyan(world, `entities authority ${entity} --to new`);
    await backfill(world);
    await place('before', 40);
    await drained(world);
    rebuiltUrl = await createDatabase(
      world.databaseUrls.admin,
      `${new URL(world.databaseUrls.admin).pathname.slice(1)}_2`,
    );
    await provisionDatabase(rebuiltUrl, passwordsOf(world));
  }, 240_000);

  afterAll(async () => {
    await projector?.stop();
    await api?.stop();
    await world?.stop();
  }, 60_000);

  it('is the same, row by row, while the running one goes on', async () => {
    const [port = 0] = await freePorts(1);
    const url = `http://127.0.0.1:${port}`;
    projector = world.another('v2-projector', {
      V2_DATABASE_URL: inRebuilt(world.databaseUrls.banyan_projector),
      GROUP_SUFFIX: '.rebuild',
      INSTANCE_NAME: 'v2-projector-rebuild',
      PORT: String(port),
    });
    await projector.start();
    await place('meanwhile', 20);
    await drained(world);
    await until('the new V2 has caught up', async () => {
      const { code, stdout } = await world.startBanyan(['status', '--json'], { PROJECTOR_URL: url }).result;
      return code === 0 && (JSON.parse(stdout) as { quiet: boolean }).quiet ? true : undefined;
    });
    // The last receipts may still come, and to one of the two first.
    await until('both have the same', async () => {
      const [one, other] = [await contentOf(world.databaseUrls.admin), await contentOf(rebuiltUrl)];
      return isDeepStrictEqual(one, other) ? true : undefined;
    }).catch(() => undefined);
    const running = await contentOf(world.databaseUrls.admin);
    expect(await contentOf(rebuiltUrl)).toEqual(running);
    expect(running.state?.length).toBeGreaterThan(900);
    const verified = await world.startBanyan(['verify', '--json'], {
      V2_DATABASE_URL: inRebuilt(world.databaseUrls.banyan_operator),
      PROJECTOR_URL: url,
    }).result;
    expect([verified.code, JSON.parse(verified.stdout)]).toMatchObject([0, { verdict: 'identical' }]);
  }, 240_000);

  it('takes over: the API reads it, and the earlier projector ends', async () => {
    await world.app('new-api').stop();
    api = world.another('new-api', { V2_DATABASE_URL: inRebuilt(world.databaseUrls.banyan_api) });
    await api.start();
    await world.app('v2-projector').stop();
    const [placed] = await place('after', 1);
    const rows = await inDatabase(rebuiltUrl, 'select version::int from v2.state where key = $1', [placed?.id]);
    expect(rows).toEqual([{ version: placed?.version }]);
    const read = await request(`${world.urls['new-api']}/v2/orders/${placed?.id}`);
    await read.body.dump();
    expect(read.statusCode).toBe(200);
  }, 120_000);

  function place(name: string, count: number) {
    return placeOrders({ newApiUrl: world.urls['new-api'], name, count, concurrency: 4, timeoutMs: 60_000 });
  }

  function inRebuilt(url: string): string {
    const changed = new URL(url);
    changed.pathname = new URL(rebuiltUrl).pathname;
    return changed.href;
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
  const columns = await inDatabase<{ table: string; column: string }>(
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
    content[table] = await inDatabase(url, `select ${list} from v2."${table}" order by (${list})::text`);
  }
  return content;
}

async function inDatabase<R extends object>(url: string, text: string, values: readonly unknown[] = []): Promise<R[]> {
  const pool = createPool({ url, applicationName: 'rebuild-spec', max: 1 });
  return (await query<R>(pool, text, values as never).finally(() => pool.end())) as R[];
}
