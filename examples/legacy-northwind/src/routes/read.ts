import type { FastifyInstance } from 'fastify';
import type { Value } from '../columns.js';
import type { Context } from '../context.js';
import { NotFound } from '../errors.js';
import { pageOf, type QueryString, textIn } from '../query-string.js';
import type { Table } from '../tables.js';

/** `GET /api/<table>` and `GET /api/<table>/:id`. */
export function readRoutes(app: FastifyInstance, { pool }: Context, table: Table): void {
  app.get<{ Querystring: QueryString }>(`/api/${table.name}`, async (request, reply) => {
    const { where, values } = searchOf(table, request.query);
    const page = pageOf(request.query, values.length > 0);
    // One statement, so that rows, details and total are of the same moment.
    const { rows } = await pool.query<{ total: number; list: unknown[] }>(
      `select (select count(*)::int from ${table.name} as t ${where}) as total,
         coalesce((select json_agg(p.row) from (
           select ${table.row} as row from ${table.name} as t ${where}
           order by ${table.order} limit $${values.length + 1} offset $${values.length + 2}
         ) as p), '[]') as list`,
      [...values, page.limit, page.offset],
    );
    reply.header('x-total-count', rows[0]?.total ?? 0);
    return rows[0]?.list ?? [];
  });

  app.get<{ Params: Record<string, string> }>(`/api/${table.name}/:${table.id.field}`, async (request) => {
    const id = idOf(table, request.params);
    const { rows } = await pool.query<{ row: unknown }>(selectOne(table), [id]);
    return found(rows);
  });
}

/** `$1` is the id. Numbers are compared as integers: one beyond smallint is simply not there. */
export function selectOne(table: Table): string {
  return `select ${table.row} as row from ${table.name} as t where ${idMatches(table)}`;
}

export function idMatches(table: Table): string {
  return `t.${table.id.column} = ${table.order.includes('collate') ? '$1' : '$1::integer'}`;
}

/** The id in the path, as kept. Throws `NotFound` for one that no row can have. */
export function idOf(table: Table, params: Record<string, string>): string | number {
  const id = table.idOfPath(params[table.id.field] ?? '');
  if (id === undefined) throw new NotFound();
  return id;
}

export function found(rows: readonly { readonly row: unknown }[]): unknown {
  const first = rows[0];
  if (first === undefined) throw new NotFound();
  return first.row;
}

function searchOf(table: Table, query: QueryString): { where: string; values: Value[] } {
  const terms = table.searches.flatMap(({ field, column, read }) => {
    const value = textIn(query, field);
    return value === undefined ? [] : [{ column, value: read(value) }];
  });
  const conditions = terms.map(({ column }, index) => `t.${column} = $${index + 1}`);
  return {
    where: conditions.length > 0 ? `where ${conditions.join(' and ')}` : '',
    values: terms.map(({ value }) => value),
  };
}
