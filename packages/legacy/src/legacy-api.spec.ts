import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { createLegacyApi, type LegacyApi } from './legacy-api.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  jest.useRealTimers();
  for (const close of closers.splice(0).reverse()) await close();
});

describe('a call to legacy', () => {
  it('gives back status, headers and body of an answer, below the base path', async () => {
    const legacy = await serve((request, response) => {
      response.setHeader('x-total-count', '7').end(JSON.stringify({ method: request.method, url: request.url }));
    }, '/old');
    const answer = await legacy.send({ method: 'GET', path: '/api/orders?page=1' });
    expect(answer).toMatchObject({ type: 'answered', status: 200, headers: { 'x-total-count': '7' } });
    expect(answer).toHaveProperty('body', '{"method":"GET","url":"/old/api/orders?page=1"}');
  });

  it('sends JSON', async () => {
    const legacy = await serve(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      response.end(`${request.headers['content-type']} ${Buffer.concat(chunks)}`);
    });
    const answer = await legacy.send({ method: 'POST', path: '/', body: { ü: 1 } });
    expect(answer).toHaveProperty('body', 'application/json {"ü":1}');
  });

  it('sends headers along, and none that would change what the request is', async () => {
    const legacy = await serve((request, response) => {
      response.end(`${request.headers['banyan-hops']} ${request.headers['content-type']}`);
    });
    const headers = { 'banyan-hops': '1', 'content-type': 'text/plain' };
    const answer = await legacy.send({ method: 'POST', path: '/', body: {} }, { headers });
    expect(answer).toHaveProperty('body', '1 application/json');
  });

  it('is not-sent when nobody listens', async () => {
    const legacy = api(`http://127.0.0.1:${await freePort()}`);
    expect(await legacy.send({ method: 'POST', path: '/' })).toMatchObject({
      type: 'not-sent',
      reason: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('is not-sent when the name cannot be resolved', async () => {
    const legacy = api('http://legacy.invalid');
    expect(await legacy.send({ method: 'POST', path: '/' })).toMatchObject({ type: 'not-sent' });
  });

  it('is unclear when the connection is cut after the request was written', async () => {
    const legacy = await serve((request) => request.socket.destroy());
    expect(await legacy.send({ method: 'POST', path: '/' })).toMatchObject({ type: 'unclear' });
  });

  it('is unclear when the answer is cut in its middle', async () => {
    const legacy = await serve((request, response) => {
      response.writeHead(201, { 'content-length': '100' });
      response.write('{"OrderID":', () => request.socket.destroy());
    });
    expect(await legacy.send({ method: 'POST', path: '/' })).toMatchObject({ type: 'unclear' });
  });

  it('is unclear when no answer comes in time', async () => {
    const legacy = await serve(() => {}, '', { requestTimeoutMs: 100 });
    const answer = await legacy.send({ method: 'POST', path: '/' });
    expect(answer).toEqual({ type: 'unclear', reason: 'no answer within 100 ms' });
  });

  it('is not-sent when its time runs out while it waits for a connection', async () => {
    let arrive = () => {};
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const legacy = await serve(() => arrive(), '', { connections: 1 });
    // Both deadlines in one turn: with a turn between them the first one's end could hand its connection to the second.
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'clearImmediate'] });
    const first = legacy.send({ method: 'POST', path: '/first' });
    const second = legacy.send({ method: 'POST', path: '/second' });
    await arrived;
    jest.advanceTimersByTime(5000);
    expect((await first).type).toBe('unclear');
    expect((await second).type).toBe('not-sent');
  });

  it('is unclear when the answer is larger than the bound', async () => {
    const legacy = await serve((_, response) => response.end('x'.repeat(2000)), '', { maxBodyBytes: 1000 });
    expect(await legacy.send({ method: 'GET', path: '/' })).toMatchObject({ type: 'unclear' });
  });

  it('writes nothing to the socket once the lease has lapsed, however far the request had come', async () => {
    let arrived = 0;
    const legacy = await serve((_, response) => {
      arrived += 1;
      response.end();
    });
    await legacy.send({ method: 'GET', path: '/warm' });
    const answer = await legacy.send({ method: 'POST', path: '/' }, { mayWrite: () => false });
    expect(answer).toMatchObject({ type: 'not-sent', reason: expect.stringContaining('lease') });
    expect((await legacy.send({ method: 'GET', path: '/after' })).type).toBe('answered');
    expect(arrived).toBe(2);
  });
});

function api(
  baseUrl: string,
  options: { requestTimeoutMs?: number; connections?: number; maxBodyBytes?: number } = {},
) {
  const legacy = createLegacyApi({ baseUrl, ...options });
  closers.push(() => legacy.close());
  return legacy;
}

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => unknown,
  path = '',
  options: Parameters<typeof api>[1] = {},
): Promise<LegacyApi> {
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return api(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, options);
}

async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
