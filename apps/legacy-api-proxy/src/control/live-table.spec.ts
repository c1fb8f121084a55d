import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { type Control, NOTHING_CONTROLLED, PROXY_APP } from '@banyan/control';
import { type InMemoryControl, inMemoryControl } from '@banyan/control/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { gateOf } from '../gate/write-gate.js';
import { LiveTable } from './live-table.js';
import { tableFile } from './table-file.js';

const PARTY = 'proxy-0';
let folder: string;
let problems: string[];
const open: LiveTable[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'banyan-table-'));
  problems = [];
});
afterEach(async () => {
  for (const table of open.splice(0)) {
    table.close();
    await table.save();
  }
  await rm(folder, { recursive: true });
});

const path = () => join(folder, 'state', 'table.json');
const file = (environment = 'here') =>
  tableFile({ path: path(), environment, onUnreadable: (error) => problems.push(String(error)) });

async function start(control: Pick<Control, 'follow'> & InMemoryControl): Promise<LiveTable> {
  const table = new LiveTable({
    control,
    file: file(),
    party: PARTY,
    url: () => 'http://127.0.0.1:4103',
    onError: (error) => problems.push(String(error)),
    retryMs: 5,
  });
  open.push(table);
  await table.load();
  table.follow();
  for (let at = 0; at < 20; at += 1) await turn();
  return table;
}

/** The log does not answer. */
function away(instance = PARTY): InMemoryControl {
  return { ...inMemoryControl({}, instance), follow: () => new Promise(() => undefined) };
}

const gate = (table: LiveTable, entity = 'order') =>
  gateOf({ entity: table.entity(entity), registered: table.registered() });

describe('what a proxy goes by', () => {
  it('joins at its start, and then writes as the control log says', async () => {
    const control = inMemoryControl({}, PARTY);
    const table = await start(control);
    expect(control.state().parties[PARTY]).toMatchObject({ app: PROXY_APP, url: 'http://127.0.0.1:4103' });
    expect([table.joined(), gate(table)]).toEqual([true, 'direct']);
    control.replaceEntity('order', { writeMode: 'new' });
    expect(gate(table)).toBe('round-trip');
  });

  it('without a table and without the log knows nothing, so it lets no write begin', async () => {
    const table = await start(away());
    expect(gate(table)).toBe('hold');
  });

  it('killed and started again with the log away, serves by its last table', async () => {
    const control = inMemoryControl({}, PARTY);
    const first = await start(control);
    control.replaceEntity('order', { writeMode: 'new', opened: true });
    control.replace({ reads: { 'order.one': 'shadow' }, ports: { 'order.backend': 'off' } });
    await first.save();
    const second = await start(away());
    expect([gate(second), gate(second, 'product')]).toEqual(['round-trip', 'direct']);
    expect([second.readMode('order.one'), second.isPortOn('order.backend')]).toEqual(['shadow', false]);
    expect(second.isLive()).toBe(false);
  });

  it('having left in order, begins no write by its last table: moves have not waited for it since', async () => {
    const control = inMemoryControl({}, PARTY);
    const first = await start(control);
    await first.leave();
    expect([first.registered(), control.state().parties]).toEqual([false, {}]);
    const second = await start(away());
    expect(gate(second)).toBe('hold');
    const third = await start(control);
    expect(gate(third)).toBe('direct');
  });

  it('does not look at the log before it was read to its end: what it says until then is past', async () => {
    const control = inMemoryControl({}, PARTY);
    const first = await start(control);
    control.replaceEntity('order', { writeMode: 'new' });
    await first.save();
    const reading = inMemoryControl({}, PARTY);
    const { promise, resolve } = Promise.withResolvers<void>();
    const second = await start({ ...reading, follow: () => promise });
    reading.replaceEntity('order', { writeMode: 'legacy' });
    expect(gate(second)).toBe('round-trip');
    reading.replaceEntity('order', { writeMode: 'gone' });
    resolve();
    for (let at = 0; at < 20; at += 1) await turn();
    expect(gate(second)).toBe('gone');
  });

  it('forgotten though it lives, stops, joins again and goes on', async () => {
    const control = inMemoryControl({}, PARTY);
    const table = await start(control);
    const gates: string[] = [];
    table.onChange(() => gates.push(gate(table)));
    await control.append({
      type: 'banyan.control.v1.PartyForgotten',
      data: { subject: `party:${PARTY}`, name: PARTY },
    });
    for (let at = 0; at < 20; at += 1) await turn();
    expect(gates[0]).toBe('hold');
    expect([gate(table), table.joined()]).toEqual(['direct', true]);
  });

  it('replaced under its name, begins nothing and does not fight', async () => {
    const control = inMemoryControl({}, PARTY);
    const table = await start(control);
    await control.append({
      type: 'banyan.control.v1.PartyJoined',
      data: { subject: `party:${PARTY}`, name: PARTY, app: PROXY_APP, url: null, incarnation: 'another' },
    });
    for (let at = 0; at < 20; at += 1) await turn();
    expect([gate(table), table.replaced()]).toEqual(['hold', true]);
    expect(control.state().parties[PARTY]?.incarnation).toBe('another');
  });
});

describe('the table on the disk', () => {
  it('is told about and passed over when it cannot be read', async () => {
    const table = file();
    await table.save({ state: NOTHING_CONTROLLED, left: false });
    await expect(table.load()).resolves.toEqual({ state: NOTHING_CONTROLLED, left: false });
    await expect(file('elsewhere').load()).resolves.toBeUndefined();
    await writeFile(path(), (await readFile(path(), 'utf8')).slice(0, 20));
    await expect(table.load()).resolves.toBeUndefined();
    expect(problems).toEqual([expect.stringContaining('environment here'), expect.stringContaining('JSON')]);
  });

  it('keeps the last of many saves', async () => {
    const table = file();
    const saves = Array.from({ length: 10 }, (_, at) =>
      table.save({ state: { ...NOTHING_CONTROLLED, versions: { x: at } }, left: false }),
    );
    await Promise.all(saves);
    await expect(table.load()).resolves.toMatchObject({ state: { versions: { x: 9 } } });
  });
});
