import { newId } from '@banyan/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { placed } from './testing/northwind-events.js';
import { PorterProcess } from './testing/porter-process.js';
import { hold, PorterRig, until } from './testing/porter-rig.js';

let rig: PorterRig;
let customerId: string;
let productId: string;
const processes: PorterProcess[] = [];

// A rig for each: the log's group takes long to believe that a killed member is dead.
beforeEach(async () => {
  rig = await PorterRig.start({ billing: true });
  customerId = await rig.importRow('customer', 'ALFKI');
  productId = await rig.importRow('product', '11');
}, 180_000);
afterEach(async () => {
  for (const process of processes.splice(0)) await process.kill();
  await rig.stop();
});

async function porter(name = 'porter-0'): Promise<PorterProcess> {
  const process = await PorterProcess.start(rig.env(name));
  processes.push(process);
  return process;
}

const place = async () => {
  const key = newId();
  await rig.append('order', placed({ customerId, productId }), { key, on: 0 });
  return key;
};
/** The receipts of the two ports, once both have one. */
const bothPorted = (key: string) =>
  until(
    async () => {
      const receipts = (await rig.receipts(key)).filter(({ outcome }) => outcome === 'ported');
      return receipts.length === 2 ? receipts : undefined;
    },
    `both ports to have ported ${key}`,
    60_000,
  );
const marker = (key: string) => rig.billingSql('select version, written_at from banyan_marker where key = $1', [key]);
/** Invoice numbers given out so far, also to what was rolled back. */
const numbers = async () =>
  (await rig.billingSql<{ last: number }>('select last_value as last from invoice_no_seq'))[0]?.last;
const invoices = (legacyId: string | null | undefined) =>
  rig.billingSql('select inv_no from invoices where order_no = $1::int', [legacyId]);

describe('a porter that is killed while it sends to billing', () => {
  it('before the commit has left nothing there, and sends once when it comes up again', async () => {
    const first = await porter();
    const letGo = await hold(rig.billing.pool, 'invoices');
    const key = await place();
    await rig.writeHeld(rig.billing.pool);
    await first.kill();
    await letGo();
    await porter();
    const [receipt] = await bothPorted(key);
    expect(await invoices(receipt?.legacyId)).toHaveLength(1);
    expect(await marker(key)).toMatchObject([{ version: 1 }]);
  });

  it('between the commit and its settlement sends nothing again: the marker says that it is done', async () => {
    const first = await porter();
    const letInvoices = await hold(rig.billing.pool, 'invoices');
    const key = await place();
    await rig.writeHeld(rig.billing.pool);
    const letSettle = await hold(rig.pool, 'porter.ported');
    await letInvoices();
    const written = await until(async () => ((await marker(key)).length > 0 ? marker(key) : undefined), 'the marker');
    const given = await numbers();
    await rig.writeHeld(rig.pool);
    await first.kill();
    await letSettle();
    await porter();
    const [receipt] = await bothPorted(key);
    expect(await invoices(receipt?.legacyId)).toHaveLength(1);
    expect([await marker(key), await numbers()]).toEqual([written, given]);
  });

  it('is followed by one of another name without a person, since the marker says what it did', async () => {
    const first = await porter('porter-0');
    const letGo = await hold(rig.billing.pool, 'invoices');
    const key = await place();
    await rig.writeHeld(rig.billing.pool);
    await first.kill();
    await letGo();
    // Its lease and the same again have passed.
    await rig.sql("update porter.instance set heartbeat_at = now() - interval '11 s' where name = 'porter-0'");
    await porter('porter-1');
    const [receipt] = await bothPorted(key);
    expect(await invoices(receipt?.legacyId)).toHaveLength(1);
    expect(await rig.sql(`select 1 from porter.work where key = $1`, [key])).toEqual([]);
  });

  it('only for a time (SIGSTOP), behind the beginning of its transaction, changes nothing when it goes on', async () => {
    const frozen = await porter('porter-0');
    const letGo = await hold(rig.billing.pool, 'invoices');
    const key = await place();
    await rig.writeHeld(rig.billing.pool);
    frozen.signal('SIGSTOP');
    await letGo();
    await porter('porter-0');
    // Its transaction keeps the marker until the database ends it; then the next one is the only one.
    const [receipt] = await bothPorted(key);
    frozen.signal('SIGCONT');
    // It knows, and ends.
    expect(await frozen.ended()).toBe(1);
    expect(await invoices(receipt?.legacyId)).toHaveLength(1);
    expect(await marker(key)).toMatchObject([{ version: 1 }]);
  });
});
