import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { OrderShipped } from './generated/northwind.order.v1.js';
import { connectRegistry, type Registry } from './registry.js';

let server: Server | undefined;

async function registryThat(answer: RequestListener): Promise<Registry> {
  server = createServer(answer);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return connectRegistry({ registryUrl: `http://127.0.0.1:${port}/`, timeoutMs: 200 });
}

const json =
  (status: number, body: unknown): RequestListener =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/vnd.schemaregistry.v1+json' }).end(JSON.stringify(body));
  };

const DOWN = { code: 'CONTRACTS_REGISTRY_DOWN', retryable: true };

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  server = undefined;
});

describe('a registry', () => {
  it('that says so has no such schema', async () => {
    const registry = await registryThat(json(404, { error_code: 40403, message: 'Schema not found' }));
    expect(await registry.schemaOf(1)).toBeUndefined();
    expect(await registry.idOf(OrderShipped)).toBeUndefined();
  });

  it('gives the schema and the id', async () => {
    const registry = await registryThat((request, response) => {
      const body = request.method === 'GET' ? { schema: JSON.stringify(OrderShipped.schema) } : { id: 7 };
      json(200, body)(request, response);
    });
    expect((await registry.schemaOf(7))?.name).toBe(OrderShipped.name);
    expect(await registry.idOf(OrderShipped)).toBe(7);
  });

  /** Refuses a registration with 409, and knows the schema or not when asked afterwards. */
  const refusing =
    (knows: boolean): RequestListener =>
    (request, response) => {
      const looksUp = request.method === 'POST' && request.url?.endsWith('/versions') === false;
      if (request.method === 'GET') json(404, { error_code: 40401, message: 'no such subject' })(request, response);
      else if (!looksUp) json(409, { error_code: 409, message: 'already exists' })(request, response);
      else if (knows) json(200, { id: 7 })(request, response);
      else json(404, { error_code: 40403, message: 'Schema not found' })(request, response);
    };

  it('gives the id of what another deployment registered at the same moment', async () => {
    expect(await (await registryThat(refusing(true))).register(OrderShipped)).toBe(7);
  });

  it('refuses what it does not have afterwards either', async () => {
    await expect((await registryThat(refusing(false))).register(OrderShipped)).rejects.toMatchObject({ status: 409 });
  });

  it.each<[string, RequestListener]>([
    ['another server at its address answers 404', (_, response) => response.writeHead(404).end('<html>no</html>')],
    ['a gateway answers 404 in JSON', json(404, { message: 'no route' })],
    ['the path is not the registry’s', json(404, { error_code: 404, message: 'HTTP 404 Not Found' })],
    ['it answers 500', json(500, { error_code: 50001, message: 'Error in the backend data store' })],
    ['it answers 503', (_, response) => response.writeHead(503).end()],
    ['it never answers', () => undefined],
    ['it hangs up', (request) => request.socket.destroy()],
    [
      'it answers one byte now and then',
      (request, response) => {
        response.writeHead(200);
        const dripping = setInterval(() => response.write(' '), 20);
        request.socket.on('close', () => clearInterval(dripping));
      },
    ],
  ])('is away, and no event is poison, when %s', async (_, answer) => {
    const registry = await registryThat(answer);
    await expect(registry.schemaOf(1)).rejects.toMatchObject(DOWN);
    await expect(registry.idOf(OrderShipped)).rejects.toMatchObject(DOWN);
    await expect(registry.register(OrderShipped)).rejects.toMatchObject(DOWN);
  });

  it('is away when nobody listens', async () => {
    const registry = connectRegistry({ registryUrl: 'http://127.0.0.1:1', timeoutMs: 200 });
    await expect(registry.schemaOf(1)).rejects.toMatchObject(DOWN);
  });

  it('is asked again after it was away', async () => {
    let away = true;
    const registry = await registryThat((request, response) => {
      if (away) request.socket.destroy();
      else json(200, { schema: JSON.stringify(OrderShipped.schema) })(request, response);
    });
    await expect(registry.schemaOf(7)).rejects.toMatchObject(DOWN);
    away = false;
    expect((await registry.schemaOf(7))?.name).toBe(OrderShipped.name);
  });
});
