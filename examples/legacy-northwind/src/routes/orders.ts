import type { FastifyInstance } from 'fastify';
import { asObject, date, readBody, required, smallint, type Value } from '../columns.js';
import { type Context, write } from '../context.js';
import type { Transaction } from '../database.js';
import { NotFound, Refused } from '../errors.js';
import { orderDetails, orders } from '../tables.js';
import { found, idMatches, idOf, selectOne } from './read.js';
import { insertInto, type Params, updateOne } from './write.js';

const ONE = '/api/orders/:OrderID';
const shipment = [required(date('ShippedDate')), smallint('ShipVia')];

/** Writes of orders. An order and its details are one: they are written, replaced and deleted in one transaction. */
export function orderRoutes(app: FastifyInstance, context: Context): void {
  // Nothing tells two equal orders apart: sent twice, it is two orders.
  app.post('/api/orders', async (request, reply) => {
    const { values, details } = readOrder(request.body);
    const row = await write(context, request, reply, async (tx) => {
      await checkProducts(tx, details);
      const inserted = await tx.query<{ id: number }>(
        `${insertInto(orders, orders.columns)} returning t.order_id as id`,
        values,
      );
      return withDetails(tx, inserted[0]?.id, details);
    });
    reply.code(201);
    return row;
  });

  app.put<{ Params: Params }>(ONE, async (request, reply) => {
    const id = idOf(orders, request.params);
    const { values, details } = readOrder(request.body);
    return write(context, request, reply, async (tx) => {
      const updated = await tx.query(`${updateOne(orders)} returning 1`, [id, ...values]);
      if (updated.length === 0) throw new NotFound();
      await checkProducts(tx, details);
      await tx.query('delete from order_details where order_id = $1', [id]);
      return withDetails(tx, id, details);
    });
  });

  app.delete<{ Params: Params }>(ONE, async (request, reply) => {
    const id = idOf(orders, request.params);
    await write(context, request, reply, async (tx) => {
      // The row is locked first, so that nobody adds details between the two deletes.
      const rows = await tx.query(`select 1 from orders as t where ${idMatches(orders)} for update`, [id]);
      if (rows.length === 0) throw new NotFound();
      await tx.query('delete from order_details where order_id = $1', [id]);
      await tx.query('delete from orders where order_id = $1', [id]);
    });
    reply.code(204);
  });

  // Shipping again moves the date. Without ShipVia the shipper stays.
  app.post<{ Params: Params }>(`${ONE}/ship`, async (request, reply) => {
    const id = idOf(orders, request.params);
    const values = readBody(shipment, request.body);
    return write(context, request, reply, async (tx) =>
      found(
        await tx.query<{ row: unknown }>(
          `update orders as t set shipped_date = $2, ship_via = coalesce($3, ship_via)
           where ${idMatches(orders)} returning ${orders.row} as row`,
          [id, ...values],
        ),
      ),
    );
  });
}

/** Values by column, for `unnest`. */
type Details = readonly (readonly Value[])[];

function readOrder(body: unknown): { values: Value[]; details: Details } {
  const values = readBody(orders.columns, body);
  const list = asObject(body, 'The request body').Details;
  if (!Array.isArray(list)) throw new Refused(400, 'Details must be a list.');
  const lines = list.map((line, index) => readBody(orderDetails, asObject(line, `Details[${index}]`)));
  return { values, details: orderDetails.map((_, index) => lines.map((line) => line[index] ?? null)) };
}

async function checkProducts(tx: Transaction, details: Details): Promise<void> {
  const unknown = await tx.query<{ id: number }>(
    `select id from unnest($1::integer[]) as id
     where not exists (select 1 from products where product_id = id) order by id limit 1`,
    [details[0]],
  );
  if (unknown[0] !== undefined) throw new Refused(400, `Product ${unknown[0].id} does not exist.`);
}

async function withDetails(tx: Transaction, id: unknown, details: Details): Promise<unknown> {
  await tx.query(
    `insert into order_details (order_id, product_id, unit_price, quantity, discount)
     select $1, line.* from unnest($2::smallint[], $3::real[], $4::smallint[], $5::real[]) as line`,
    [id, ...details],
  );
  return found(await tx.query<{ row: unknown }>(selectOne(orders), [id]));
}
