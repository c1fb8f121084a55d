import type { LegacyRow } from '@banyan/transformer';
import type { LegacyReader } from '../legacy-reader.js';

export interface ReaderUnderTest<R extends LegacyRow> {
  readonly reader: LegacyReader<R>;
  /** All rows that legacy has, in its order. */
  readonly all: readonly { readonly id: string; readonly row: R }[];
  /** What `highWaterMark` must say; null where legacy assigns no ids. */
  readonly lastId: string | null;
  /** An id that no row has. */
  readonly unknownId: string;
}

type Expect = (actual: unknown) => { toEqual(expected: unknown): void };

/** What every `LegacyReader` promises; each entry is a rule and its check. Readers of all kinds run the same list. */
export function legacyReaderContract<R extends LegacyRow>(
  setUp: () => Promise<ReaderUnderTest<R>>,
  expect: Expect,
): readonly { readonly rule: string; check(): Promise<void> }[] {
  return [
    {
      rule: 'pages through every id once, in order, whatever the page size',
      async check() {
        const { reader, all } = await setUp();
        for (const size of [7, Math.max(all.length, 2), all.length + 10]) {
          expect(await allIds(reader, size)).toEqual(all.map(({ id }) => id));
        }
      },
    },
    {
      rule: 'goes on behind any id it is given, also one it never read',
      async check() {
        const { reader, all } = await setUp();
        const middle = Math.floor(all.length / 2);
        const page = await reader.idsAfter(all[middle]?.id ?? null, 5);
        expect(page.ids.slice(0, 5)).toEqual(all.slice(middle + 1, middle + 1 + page.ids.length).map(({ id }) => id));
      },
    },
    {
      rule: 'gives whole canonical rows by id, and absence as undefined',
      async check() {
        const { reader, all, unknownId } = await setUp();
        const { rows, invalid } = await reader.rows([...all.map(({ id }) => id), unknownId]);
        expect(invalid).toEqual([]);
        expect(all.map(({ id }) => rows.get(id))).toEqual(all.map(({ row }) => row));
        expect([rows.has(unknownId), rows.get(unknownId)]).toEqual([true, undefined]);
      },
    },
    {
      rule: 'gives one row, and undefined for one that is not there',
      async check() {
        const { reader, all, unknownId } = await setUp();
        const first = all[0];
        expect(await reader.one(first?.id ?? '')).toEqual(first?.row);
        expect(await reader.one(unknownId)).toEqual(undefined);
      },
    },
    {
      rule: 'knows the last id',
      async check() {
        const { reader, lastId } = await setUp();
        expect(await reader.highWaterMark()).toEqual(lastId);
      },
    },
  ];
}

/** All ids, paged by `size`. */
export async function allIds<R extends LegacyRow>(reader: LegacyReader<R>, size: number): Promise<string[]> {
  const ids: string[] = [];
  for (let after: string | null = null; ; ) {
    const page = await reader.idsAfter(after, size);
    ids.push(...page.ids);
    after = page.ids.at(-1) ?? after;
    if (page.last) return ids;
  }
}
