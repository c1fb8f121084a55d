import type { FastifyInstance } from 'fastify';
import { createHistogram } from '../metrics.js';

/** Times every request by its route pattern, never by its URL: ids would make a series each. */
export function measureRequests(fastify: FastifyInstance): void {
  const seconds = createHistogram({
    name: 'banyan_http_request_duration_seconds',
    help: 'Time from a request to its answer.',
    labels: ['method', 'route', 'status'],
  });
  fastify.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    seconds.observe({ method: request.method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1000);
  });
}
