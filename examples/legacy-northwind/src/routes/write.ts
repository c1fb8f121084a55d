import type { FastifyInstance } from 'fastify';
import { type Column, readBody } from '../columns.js';
import { type Context, write } from '../context.js';
import { NotFound } from '../errors.js';
import type { Table } from '../tables.js';
import { found, idMatches, idOf } from './read.js';

export type Params = Record<string, string>;

/** `POST`, `PUT` and `DELETE` of a table of its own. A table whose id is given by people takes it from the body of `POST`. */
export function writeRoutes(app: FastifyInstance, context: Context, table: Table): void {
  const one = `/api/${table.name}/:${table.id.field}`;
  const inserted = table.id.required ? [table.id, ...table.columns] : table.columns;

  app.post(`/api/${table.name}`, async (request, reply) => {
    const values = readBody(inserted, request.body);
    const rows = await write(context, request, reply, (tx) =>
      tx.query<{ row: unknown }>(`${insertInto(table, inserted)} returning ${table.row} as row`, values),
    );
    reply.code(201);
    return found(rows);
  });

  app.put<{ Params: Params }>(one, async (request, reply) => {
    const id = idOf(table, request.params);
    const values = readBody(table.columns, request.body);
    return write(context, request, reply, async (tx) =>
      found(await tx.query<{ row: unknown }>(`${updateOne(table)} returning ${table.row} as row`, [id, ...values])),
    );
  });

  app.delete<{ Params: Params }>(one, async (request, reply) => {
    const id = idOf(table, request.params);
    await write(context, request, reply, async (tx) => {
      const rows = await tx.query(`delete from ${table.name} as t where ${idMatches(table)} returning 1`, [id]);
      if (rows.length === 0) throw new NotFound();
    });
    reply.code(204);
  });
}

/** `insert into … values ($1, …)`, in the order of the columns. */
export function insertInto(table: Table, columns: readonly Column[]): string {
  const names = columns.map(({ column }) => column).join(', ');
  const places = columns.map((_, index) => `$${index + 1}`).join(', ');
  return `insert into ${table.name} as t (${names}) values (${places})`;
}

/** Replaces every column of the row whose id is `$1`; the values follow from `$2`. */
export function updateOne(table: Table): string {
  const sets = table.columns.map(({ column }, index) => `${column} = $${index + 2}`).join(', ');
  return `update ${table.name} as t set ${sets} where ${idMatches(table)}`;
}
