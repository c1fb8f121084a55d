import fastify, { type FastifyInstance } from 'fastify';
import { Pool } from 'pg';
import { invoiceByNumber, listInvoices } from './invoices.js';

export interface BillingOptions {
  readonly databaseUrl: string;
  /** 0 = any that is free. */
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
}

export interface Billing {
  readonly url: string;
  stop(): Promise<void>;
}

const LIMIT_MS = 2_000;
const LIST_MAX = 1_000;

/** Starts billing's API on a database that `makeTables` has made. Throws when the port is taken. */
export async function startBilling({ databaseUrl, port, host = '127.0.0.1' }: BillingOptions): Promise<Billing> {
  const pool = new Pool({
    connectionString: databaseUrl,
    application_name: 'legacy-billing',
    max: 5,
    connectionTimeoutMillis: LIMIT_MS,
    statement_timeout: LIMIT_MS,
  });
  // Without a listener an idle connection that breaks (a database restart) would end the process.
  pool.on('error', () => {});
  const api = createApi(pool);
  const stop = async () => {
    await api.close();
    await pool.end();
  };
  try {
    return { url: await api.listen({ host, port }), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Reading only: what is in there comes from the order system, and payments from the bank's files. */
function createApi(pool: Pool): FastifyInstance {
  const api = fastify();
  api.get<{ Querystring: { order?: string; limit?: string } }>('/invoices', async ({ query }, reply) => {
    const order = numberIn(query.order);
    if (query.order !== undefined && order === undefined) return reply.code(400).send({ error: 'BAD ORDER NUMBER' });
    const limit = Math.min(numberIn(query.limit) ?? 100, LIST_MAX);
    return { invoices: await listInvoices(pool, { order: order ?? null, limit }) };
  });
  api.get<{ Params: { no: string } }>('/invoices/:no', async ({ params }, reply) => {
    const no = numberIn(params.no);
    const invoice = no === undefined ? undefined : await invoiceByNumber(pool, no);
    return invoice ?? reply.code(404).send({ error: 'NO SUCH INVOICE' });
  });
  return api;
}

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
