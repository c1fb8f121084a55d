import { isBanyanError } from '@banyan/core';
import { type LegacyRow, UnmappableRow } from '@banyan/transformer';
import { describe, expect, it } from '@jest/globals';
import { createHttpReader } from './http-reader.js';
import type { ReadableEntity } from './legacy-reader.js';
import { allIds, InMemoryLegacy, legacyReaderContract } from './testing/index.js';

const PATH = '/api/things';

const thing: ReadableEntity = {
  reader: {
    sql: { idsAfter: '', rows: '' },
    http: { page: (page, size) => `${PATH}?page=${page}&size=${size}`, one: (id) => `${PATH}/${id}` },
    canonical(raw) {
      const row = raw as LegacyRow;
      if (typeof row.Name !== 'string') throw new UnmappableRow('Name', row.Name, 'is no text');
      return row;
    },
  },
  idOf: (row) => String(row.ThingID),
  canonicalId: (raw) => String(Number(raw)),
};

function legacyWith(count: number) {
  const legacy = new InMemoryLegacy().addTable(PATH, 'ThingID', { assigned: true });
  for (let id = 1; id <= count; id += 1) legacy.put(PATH, { ThingID: id * 2, Name: `thing ${id}` });
  return { legacy, reader: createHttpReader(thing, legacy) };
}

describe('a reader over HTTP', () => {
  for (const count of [0, 1, 43]) {
    const contract = legacyReaderContract(async () => {
      const { legacy, reader } = legacyWith(count);
      const all = legacy.rows(PATH).map((row) => ({ id: thing.idOf(row), row }));
      return { reader, all, lastId: all.at(-1)?.id ?? null, unknownId: '999' };
    }, expect);
    for (const { rule, check } of contract) it(`${rule} (${count} rows)`, check);
  }

  it('skips no row when rows of earlier pages go while it pages', async () => {
    const { legacy, reader } = legacyWith(40);
    const first = await reader.idsAfter(null, 10);
    for (const id of ['2', '4', '6', '8', '20']) legacy.remove(PATH, id);
    const next = await reader.idsAfter(first.ids.at(-1) ?? null, 10);
    expect(next.ids[0]).toBe('22');
  });

  it('skips and repeats no row when rows are added in front while it pages', async () => {
    const { legacy, reader } = legacyWith(40);
    const first = await reader.idsAfter(null, 10);
    for (let id = 1; id <= 39; id += 2) legacy.put(PATH, { ThingID: id, Name: 'late' });
    const next = await reader.idsAfter(first.ids.at(-1) ?? null, 10);
    expect(next.ids[0]).toBe('21');
  });

  it('hands the rows of a page out with its ids', async () => {
    const { reader } = legacyWith(5);
    const page = await reader.idsAfter('4', 2);
    expect(page.read?.rows.get('6')).toEqual({ ThingID: 6, Name: 'thing 3' });
    expect(page.read?.rows.has('4')).toBe(false);
  });

  it('names a row that cannot be mapped, and reads its neighbours', async () => {
    const { legacy, reader } = legacyWith(3);
    legacy.put(PATH, { ThingID: 4, Name: null });
    const page = await reader.idsAfter(null, 10);
    expect(page.ids).toEqual(['2', '4', '6']);
    expect(page.read?.invalid).toMatchObject([{ id: '4', error: { column: 'Name' } }]);
    expect((await reader.rows(['2', '4'])).invalid).toMatchObject([{ id: '4' }]);
    expect(await allIds(reader, 2)).toEqual(['2', '4', '6']);
  });

  it('does not take the 404 of a wrong address for an absent row', async () => {
    const { legacy } = legacyWith(1);
    const elsewhere = {
      ...thing,
      reader: { ...thing.reader, http: { page: () => '/nothing', one: () => '/nothing/1' } },
    };
    await expect(createHttpReader(elsewhere, legacy).one('1')).rejects.toMatchObject({ code: 'LEGACY_UNEXPECTED' });
  });

  it('says that legacy does not answer, and when to ask again', async () => {
    const { legacy, reader } = legacyWith(1);
    legacy.failNext('GET', { type: 'answer', status: 429, headers: { 'retry-after': '3' } });
    const error = await reader.one('2').catch((error: unknown) => error);
    expect(isBanyanError(error) && [error.code, error.retryable, error.data.retryAfterMs]).toEqual([
      'LEGACY_UNAVAILABLE',
      true,
      3000,
    ]);
  });
});
