import fastify, { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type FaultSettings, faultSettings } from './faults.js';
import type { RequestCount } from './request-book.js';

/** What the admin port can do to the system. */
export interface AdminActions {
  faults(): FaultSettings;
  setFaults(settings: FaultSettings): Promise<void>;
  requests(): readonly RequestCount[];
  forgetRequests(): void;
  /** The original rows, no faults, no counts. */
  reset(): Promise<void>;
}

/** The admin port: for tests and demos alone, never for anything that Banyan does. */
export function createAdmin(actions: AdminActions): FastifyInstance {
  const app = fastify({ forceCloseConnections: true });

  app.get('/faults', async () => actions.faults());
  app.post('/faults', async (request, reply) => {
    const parsed = faultSettings.safeParse(request.body);
    if (!parsed.success) return reply.code(400).send({ error: z.prettifyError(parsed.error) });
    await actions.setFaults(parsed.data);
    return actions.faults();
  });
  app.delete('/faults', async (_request, reply) => {
    await actions.setFaults({});
    reply.code(204);
  });

  app.get('/requests', async () => ({ requests: actions.requests() }));
  app.delete('/requests', async (_request, reply) => {
    actions.forgetRequests();
    reply.code(204);
  });

  app.post('/reset', async (_request, reply) => {
    await actions.reset();
    reply.code(204);
  });
  return app;
}
