import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Pool } from 'pg';
import { type Transaction, transaction } from './database.js';
import type { Deadline } from './deadline.js';
import type { Faults } from './faults.js';
import type { RequestBook } from './request-book.js';

declare module 'fastify' {
  interface FastifyRequest {
    deadline: Deadline;
  }
}

/** What every route needs. */
export interface Context {
  readonly pool: Pool;
  readonly faults: Faults;
  readonly book: RequestBook;
  /** The longest life of a request, milliseconds. */
  readonly limitMs: number;
}

/** Runs a write of the API: one transaction, counted once it is committed, its answer lost if a fault says so. */
export async function write<T>(
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const result = await transaction(context.pool, request.deadline, work);
  context.book.committed(request);
  if (context.faults.takeDropAfterCommit(request)) {
    reply.hijack();
    request.raw.socket.destroy();
  }
  return result;
}
