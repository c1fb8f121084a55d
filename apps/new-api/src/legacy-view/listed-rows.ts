import type { V2View } from '../store/v2-store.js';

/** A document that legacy has a row of, or will have under this id. */
export interface ListedRow {
  readonly key: string;
  readonly legacyId: string;
  readonly document: unknown;
}

export interface Listed {
  readonly rows: readonly ListedRow[];
  /** Of all pages. */
  readonly total: number;
}

export interface ListedQuery {
  readonly ids?: readonly string[] | undefined;
  /** SQL that gives keys, `$1` being the value. */
  readonly searches: readonly { readonly sql: string; readonly value: string }[];
  /** From 1; undefined = everything. */
  readonly page?: { readonly number: number; readonly size: number } | undefined;
}

/**
 * The live documents of an entity that have a link, ascending by legacy id as legacy sorts its lists: numbers by size, codes by their
 * bytes (both: shorter numbers first, then bytes). Only the documents of the page are read.
 */
export async function listedRows(
  store: Pick<V2View, 'rows'>,
  entity: { readonly name: string; readonly numbered: boolean },
  { ids, searches, page }: ListedQuery,
): Promise<Listed> {
  const values: unknown[] = [entity.name, page?.size ?? null, page === undefined ? 0 : (page.number - 1) * page.size];
  const place = (value: unknown, type: string): string => {
    values.push(value);
    return `$${values.length}::${type}`;
  };
  const conditions = [
    ...(ids === undefined ? [] : [`l.legacy_id = any(${place(ids, 'text[]')})`]),
    ...searches.map(({ sql, value }) => `l.key in (${sql.replaceAll('$1', place(value, 'text'))})`),
  ];
  const order = `${entity.numbered ? 'length(legacy_id), ' : ''}legacy_id collate "C"`;
  // One statement, so that rows and total are of the same moment.
  const [found] = await store.rows(
    `with listed as materialized (
       select l.key, l.legacy_id from v2.link l join v2.state s on s.consumer = l.entity and s.key = l.key
       where ${['l.entity = $1', "s.liveness = 'live'", 's.document is not null', ...conditions].join(' and ')}
     ), page as (
       select key, legacy_id from listed order by ${order} limit $2 offset $3
     )
     select (select count(*)::int from listed) as total,
       coalesce((
         select json_agg(json_build_object('key', key, 'legacyId', legacy_id, 'document', document) order by ${order})
         from page join v2.state s using (key) where s.consumer = $1), '[]') as rows`,
    values,
  );
  return { total: Number(found?.total ?? 0), rows: (found?.rows ?? []) as ListedRow[] };
}
