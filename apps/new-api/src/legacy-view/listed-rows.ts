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
 * bytes (both: shorter numbers first, then bytes). A page is read along the index of that order (`link_by_number`, `link_by_code`), so
 * it costs the rows up to its end. The total behind a full page is a count of all rows, each time: it grows with the entity.
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
  const orderOf = (from: string): string =>
    `${entity.numbered ? `length(${from}.legacy_id), ` : ''}${from}.legacy_id collate "C"`;
  const listed = `from v2.link l join v2.state s on s.consumer = l.entity and s.key = l.key
    where ${['l.entity = $1', "s.liveness = 'live'", 's.document is not null', ...conditions].join(' and ')}`;
  // One statement, so that rows and total are of the same moment. Where the last row is on the page, its place is the total.
  const [found] = await store.rows(
    `with page as materialized (
       select l.key, l.legacy_id, s.document ${listed} order by ${orderOf('l')} limit $2::int offset $3::int
     ), got as (select count(*)::int as rows from page)
     select case when $2::int is null or (rows < $2::int and (rows > 0 or $3::int = 0)) then $3::int + rows
         else (select count(*)::int ${listed}) end as total,
       coalesce((
         select json_agg(json_build_object('key', key, 'legacyId', legacy_id, 'document', document) order by ${orderOf('page')})
         from page), '[]') as rows
     from got`,
    values,
  );
  return { total: Number(found?.total ?? 0), rows: (found?.rows ?? []) as ListedRow[] };
}
