import type { RequestListener, Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Context } from './context.js';
import { Deadline, tookTooLong } from './deadline.js';
import { answerOf, NotFound, Refused } from './errors.js';
import { orderRoutes } from './routes/orders.js';
import { readRoutes } from './routes/read.js';
import { writeRoutes } from './routes/write.js';
import { customers, lookups, orders, products, suppliers } from './tables.js';

/** The HTTP API on a server of ours, since a fault takes that server down and up again. */
export async function createApi(
  context: Context,
  makeServer: (handler: RequestListener) => Server,
): Promise<FastifyInstance> {
  const app = fastify({
    serverFactory: (handler) => makeServer(handler),
    // A path that cannot even be parsed is a path that does not exist.
    frameworkErrors: (_error, _request, reply) => {
      sendError(new NotFound(), reply);
    },
  });

  app.decorateRequest('deadline');
  app.addHook('onRequest', async (request, reply) => {
    context.book.received(request);
    await meetFaults(context, request, reply);
  });
  // Whatever the content type says, a body is JSON.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, async (_request: FastifyRequest, body: string) => {
    if (body === '') return undefined;
    try {
      return JSON.parse(body) as unknown;
    } catch (error) {
      throw new Refused(400, `The request body is not JSON: ${error instanceof Error ? error.message : error}`);
    }
  });
  app.setErrorHandler((error, _request, reply) => {
    sendError(error, reply);
  });
  app.setNotFoundHandler((_request, reply) => {
    sendError(new NotFound(), reply);
  });

  for (const table of [customers, products, suppliers, orders, ...lookups]) readRoutes(app, context, table);
  for (const table of [customers, products, suppliers]) writeRoutes(app, context, table);
  orderRoutes(app, context);
  await app.ready();
  return app;
}

function sendError(error: unknown, reply: FastifyReply): void {
  const { status, contentType, body } = answerOf(error);
  reply.code(status).type(contentType).send(body);
}

/** Hangs, answers or delays the request if a fault says so; else starts its time. */
async function meetFaults({ faults, limitMs }: Context, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const fault = faults.take(request);
  if (fault?.type === 'hang') {
    reply.hijack();
    const forget = faults.hold(() => request.raw.socket.destroy());
    reply.raw.once('close', forget);
    return;
  }
  request.deadline = new Deadline(limitMs, () => {
    if (reply.sent) return;
    reply.hijack();
    const { status, contentType, body } = answerOf(tookTooLong(limitMs));
    reply.raw.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }).end(body);
  });
  reply.raw.once('close', () => request.deadline.answered());

  if (fault?.type === 'answer') {
    if (fault.retryAfterSeconds !== undefined) reply.header('retry-after', fault.retryAfterSeconds);
    reply.code(fault.status).type('text/plain; charset=utf-8').send('Server is busy or out of order.');
    return;
  }
  const latencyMs = faults.latencyMs(request);
  if (latencyMs > 0) await delay(latencyMs, undefined, { signal: request.deadline.signal }).catch(() => {});
}
