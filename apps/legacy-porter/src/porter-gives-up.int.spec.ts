import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { newId } from '@banyan/core';
import { fatalOf, untilItEnds } from '@banyan/stack/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { added, placed } from './testing/northwind-events.js';
import { PorterRig, until } from './testing/porter-rig.js';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

let rig: PorterRig;
let customerId: string;
let productId: string;

beforeEach(async () => {
  rig = await PorterRig.start();
  customerId = await rig.importRow('customer', 'ALFKI');
  productId = await rig.importRow('product', '11');
}, 180_000);
afterEach(() => rig.stop());

async function place(): Promise<string> {
  const key = newId();
  await rig.append('order', placed({ customerId, productId }), { key, on: 0 });
  return key;
}

const healthOf = async (url: string, kind: 'live' | 'ready') =>
  (await fetch(new URL(`/health/${kind}`, url))).status === 200 ? true : undefined;

/** As if the log of products had lost what the store has: behind the next slice the position is read anew, and is beyond the end. */
async function loseProducts(): Promise<void> {
  await rig.sql("update porter.sink_offset set next_offset = next_offset + 1000 where consumer = 'product.backend'");
  for (let times = 0; times < 24; times += 1)
    await rig.append('product', added(`Lost fig ${times}`), { key: newId(), on: 0 });
}

describe('a porter with a consumer that cannot go on', () => {
  it('lets what is at legacy come back, leaves, and ends with one fatal line that says what to do', async () => {
    let key = '';
    const ended = await untilItEnds(MAIN, {
      env: { ...rig.env(), LOG_LEVEL: 'info' },
      listening: async (url) => {
        await until(() => healthOf(url, 'ready'), 'the porter to be ready');
        const letGo = await rig.holdOrders();
        key = await place();
        await rig.writeHeld();
        await loseProducts();
        // The send is still held, and the process drains.
        await until(async () => ((await healthOf(url, 'live')) ? undefined : true), 'liveness to fail');
        await letGo();
      },
    });
    expect(ended.code).toBe(1);
    expect(ended.dying.join()).toContain(`consumer ${rig.prefix}legacy-porter.product.backend cannot go on: Partition`);
    expect(fatalOf(ended)).toEqual([ended.lines.at(-1)]);
    expect(fatalOf(ended)[0]).toMatchObject({
      part: `consumer ${rig.prefix}legacy-porter.product.backend`,
      code: 'LOG_OFFSET_GAP',
      msg: expect.stringContaining('Restore the topic, or rebuild the store'),
    });
    // In order: what was under way is settled, and whoever comes up next need not wait until this one counts as dead.
    expect(await rig.sql('select version from porter.ported where key = $1', [key])).toEqual([{ version: 1 }]);
    expect(await rig.sql('select state from porter.work where key = $1', [key])).toEqual([]);
    expect(await rig.sql('select left_at is not null as left from porter.instance')).toEqual([{ left: true }]);
    expect(await rig.legacySql('select 1 as one from orders where po_number = $1', [key])).toHaveLength(1);
  });

  it('ends, too, where another process came up under its name', async () => {
    const ended = await untilItEnds(MAIN, {
      env: { ...rig.env(), LOG_LEVEL: 'info' },
      listening: async (url) => {
        await until(() => healthOf(url, 'ready'), 'the porter to be ready');
        await rig.sql("update porter.instance set incarnation = incarnation + 1 where name = 'porter-0'");
      },
    });
    expect([ended.code, fatalOf(ended).length]).toEqual([1, 1]);
    expect(ended.lines.at(-1)).toMatchObject({
      code: 'PORTER_REPLACED',
      msg: expect.stringContaining('INSTANCE_NAME'),
    });
  });
});

describe('a porter at whose port something else listens', () => {
  it('ends with one fatal line that says so', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    try {
      const ended = await untilItEnds(MAIN, { env: { ...rig.env(), LOG_LEVEL: 'info', PORT: String(port) } });
      expect([ended.code, fatalOf(ended)]).toEqual([1, [ended.lines.at(-1)]]);
      expect(ended.lines.at(-1)).toMatchObject({
        code: 'SERVICE_PORT_TAKEN',
        msg: expect.stringContaining(`:${port}`),
      });
    } finally {
      other.close();
    }
  });
});
