import { seeded } from '@banyan/core/testing';
import { afterEach, describe, expect, it } from '@jest/globals';
import { parcelData } from './data-set.js';
import { type LegacyServer, serveLegacy } from './legacy-server.js';
import { type ParcelRow, parcelOf } from './parcel.js';
import { ExpectedParcels } from './table.js';

const row = (revision: number): ParcelRow => ({ ParcelID: 1, ...parcelOf(parcelData(seeded(1), revision, 0)) });

describe('the legacy system of the benches', () => {
  let legacy: LegacyServer | undefined;
  afterEach(() => legacy?.close());

  const serve = async (delayMs = 0): Promise<LegacyServer> => {
    legacy = await serveLegacy({ delayMs, rows: [row(1)] });
    return legacy;
  };
  const put = (url: string, body: ParcelRow) =>
    fetch(`${url}/parcels/1`, { method: 'PUT', body: JSON.stringify(body) });

  it('counts writes and knows the rows behind them', async () => {
    const { url, tally, written, requests } = await serve();
    await put(url, row(2));
    await fetch(`${url}/parcels/1`);
    await put(url, row(3));
    await written(2);
    const expected = new ExpectedParcels();
    expected.add('1', parcelData(seeded(1), 3, 0));
    expect(tally()).toEqual({ ...expected.tally(), count: 2 });
    expect(requests()).toBe(3);
  });

  it('has no checksum when a change came before the one it follows', async () => {
    const { url, tally } = await serve();
    await put(url, row(3));
    await put(url, row(2));
    expect(tally()).toEqual({ count: 2, checksum: '2 out of order' });
  });

  it('takes its time for each request, a look as well', async () => {
    const { url } = await serve(40);
    const begun = performance.now();
    await fetch(`${url}/parcels/1`);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(39);
  });

  it('refuses a change whose If-Match is not the ETag of the row, and counts it for nothing', async () => {
    const { url, writes } = await serve();
    const etag = async () => (await fetch(`${url}/parcels/1`)).headers.get('etag') ?? '';
    const change = (revision: number, ifMatch: string) =>
      fetch(`${url}/parcels/1`, {
        method: 'PUT',
        body: JSON.stringify(row(revision)),
        headers: { 'if-match': ifMatch },
      });
    const first = await etag();
    expect((await change(2, first)).headers.get('etag')).toBe(await etag());
    expect([(await change(3, first)).status, writes()]).toEqual([412, 1]);
  });

  it('numbers new rows and lists them by page', async () => {
    const { url } = await serve();
    const made = await fetch(`${url}/parcels`, { method: 'POST', body: JSON.stringify({ ...row(1), note: 'new' }) });
    expect(await made.json()).toMatchObject({ ParcelID: 2, note: 'new' });
    const page = await fetch(`${url}/parcels?page=2&size=1`);
    expect(page.headers.get('x-total-count')).toBe('2');
    expect(await page.json()).toMatchObject([{ ParcelID: 2 }]);
    const found = await fetch(`${url}/parcels?note=new`);
    expect(await found.json()).toMatchObject([{ ParcelID: 2 }]);
    expect((await fetch(`${url}/parcels/9`)).status).toBe(404);
  });
});
