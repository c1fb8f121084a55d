import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startTrafficServer, type TrafficServer } from './traffic-server.js';

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function legacy(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  return listening(createServer(handler));
}

async function proxyTo(legacyUrl: string, timeoutMs = 5_000): Promise<TrafficServer> {
  const proxy = await startTrafficServer({ legacyUrl, host: '127.0.0.1', port: 0, connections: 8, timeoutMs });
  closers.push(() => proxy.close(1_000));
  return proxy;
}

interface Answer {
  readonly statusCode: number | undefined;
  readonly reason: string | undefined;
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

function call(url: string, path: string, options: { method?: string; headers?: string[]; body?: string } = {}) {
  return new Promise<Answer>((resolve, reject) => {
    const sent = request(
      url,
      {
        path,
        method: options.method ?? 'GET',
        agent: false,
        ...(options.headers === undefined ? {} : { headers: options.headers }),
      },
      (response) => {
        text(response).then(
          (body) =>
            resolve({
              statusCode: response.statusCode,
              reason: response.statusMessage,
              rawHeaders: response.rawHeaders,
              body,
            }),
          reject,
        );
      },
    );
    sent.once('error', reject);
    sent.end(options.body);
  });
}

describe('pass-through', () => {
  it('hands on path, method, header case, order and repetition, and the body', async () => {
    const seen: { target: string; rawHeaders: string[]; body: string }[] = [];
    const legacyUrl = await legacy(async (received, response) => {
      seen.push({
        target: `${received.method} ${received.url}`,
        rawHeaders: received.rawHeaders,
        body: await text(received),
      });
      response.end('ok');
    });
    const proxy = await proxyTo(legacyUrl);
    const path = '/api//%2e%2e/orders?PoNumber=a%20b&x=%C3%A9';
    const headers = ['Host', 'legacy.example', 'X-Trace', '1', 'x-trace', '2', 'Content-Length', '5', 'X-CASE', 'Kept'];

    await call(proxy.url, path, { method: 'POST', headers, body: 'h\u00e9ll' });
    await call(legacyUrl, path, { method: 'POST', headers, body: 'h\u00e9ll' });

    const withoutConnection = seen.map((one) => ({ ...one, rawHeaders: ownCase(pairs(one.rawHeaders)) }));
    expect(withoutConnection[0]).toEqual(withoutConnection[1]);
    expect(withoutConnection[0]?.target).toBe(`POST ${path}`);
  });

  it('answers with the same status, reason, header names, repeats and bytes as legacy', async () => {
    const legacyUrl = await legacy((_, response) => {
      response.writeHead(418, 'Old And Grumpy', ['X-Total-Count', '830', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']);
      response.end(Buffer.from([0, 255, 13, 10, 200]));
    });
    const proxy = await proxyTo(legacyUrl);
    const direct = await call(legacyUrl, '/x');
    const through = await call(proxy.url, '/x');
    expect({ ...through, rawHeaders: pairs(through.rawHeaders) }).toEqual({
      ...direct,
      rawHeaders: pairs(direct.rawHeaders),
    });
  });

  it('streams: the first bytes arrive before legacy has finished', async () => {
    let finish: (() => void) | undefined;
    const legacyUrl = await legacy((_, response) => {
      response.write('first');
      finish = () => response.end('last');
    });
    const proxy = await proxyTo(legacyUrl);
    const body = await new Promise<string>((resolve, reject) => {
      request(proxy.url, (response) => {
        response.once('data', (first: Buffer) => {
          finish?.();
          text(response).then((rest) => resolve(`${first}|${rest}`), reject);
        });
      }).end();
    });
    expect(body).toBe('first|last');
  });

  it('tells that legacy is away, and that nothing was sent', async () => {
    const proxy = await proxyTo('http://127.0.0.1:9');
    const answer = await call(proxy.url, '/api/orders', { method: 'POST', body: '{}' });
    expect(answer.statusCode).toBe(502);
    expect(answer.body).toContain('nothing was sent');
  });

  it('never repeats a call whose answer got lost, and says that its fate is unknown', async () => {
    let calls = 0;
    const legacyUrl = await legacy((received) => {
      calls += 1;
      received.socket.destroy();
    });
    const proxy = await proxyTo(legacyUrl);
    const answer = await call(proxy.url, '/api/orders', { method: 'GET' });
    expect(answer.statusCode).toBe(502);
    expect(answer.body).toContain('may have done the work');
    expect(calls).toBe(1);
  });

  it('ends with 504 when legacy does not answer in time', async () => {
    const legacyUrl = await legacy(() => undefined);
    const proxy = await proxyTo(legacyUrl, 200);
    const answer = await call(proxy.url, '/slow');
    expect(answer.statusCode).toBe(504);
  });

  it('cuts the connection when legacy breaks off in the middle of a body', async () => {
    const legacyUrl = await legacy((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('only a part', () => response.socket?.destroy());
    });
    const proxy = await proxyTo(legacyUrl);
    await expect(call(proxy.url, '/x')).rejects.toThrow();
  });

  it('stops asking legacy when the caller hangs up', async () => {
    let closed: (() => void) | undefined;
    const legacySawClose = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const legacyUrl = await legacy((received, response) => {
      received.socket.once('close', () => closed?.());
      response.write('going on for ever');
    });
    const proxy = await proxyTo(legacyUrl);
    request(proxy.url, (response) => response.once('data', () => response.destroy())).end();
    await legacySawClose;
  });

  it.each([
    'GET http://elsewhere.example/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n',
  ])('refuses what two servers could read differently: %j', async (raw) => {
    let calls = 0;
    const legacyUrl = await legacy((_, response) => {
      calls += 1;
      response.end();
    });
    const proxy = await proxyTo(legacyUrl);
    expect(await sendRaw(proxy.url, raw)).toMatch(/^HTTP\/1\.1 400 /);
    expect(calls).toBe(0);
  });

  it('hands on more than a thousand headers', async () => {
    let count = 0;
    const legacyUrl = await listening(
      Object.assign(
        createServer({ maxHeaderSize: 65_536 }, (received, response) => {
          count = received.rawHeaders.length / 2;
          response.end();
        }),
        { maxHeadersCount: 0 },
      ),
    );
    const proxy = await proxyTo(legacyUrl);
    const many = Array.from({ length: 1_200 }, (_, index) => `X-H${index}: 1\r\n`).join('');
    await sendRaw(proxy.url, `GET / HTTP/1.1\r\nHost: a\r\n${many}Connection: close\r\n\r\n`);
    expect(count).toBeGreaterThan(1_200);
  });
});

/** undici writes these two itself, in lower case and at a place of its own. */
function ownCase(headers: readonly string[]): { written: string[]; handedOn: string[] } {
  const written = headers
    .filter((header) => /^(host|content-length):/i.test(header))
    .map((header) => header.toLowerCase());
  return { written: written.sort(), handedOn: headers.filter((header) => !/^(host|content-length):/i.test(header)) };
}

const NOT_COMPARED = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding']);

function pairs(rawHeaders: readonly string[]): string[] {
  const found: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (!NOT_COMPARED.has(name.toLowerCase())) found.push(`${name}: ${rawHeaders[index + 1]}`);
  }
  return found;
}

function sendRaw(url: string, raw: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(raw));
    text(socket).then(resolve, reject);
  });
}

describe('a reset by legacy', () => {
  it('is answered, not passed over as success', async () => {
    const tcp = createTcpServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    closers.push(() => new Promise((resolve) => tcp.close(resolve)));
    const proxy = await proxyTo(`http://127.0.0.1:${(tcp.address() as AddressInfo).port}`);
    const answer = await call(proxy.url, '/x', { method: 'PUT', body: 'x' });
    expect(answer.statusCode).toBe(502);
  });
});

describe('the stop', () => {
  it('waits for open calls, and for no connection that a caller keeps for a next one', async () => {
    const { promise: asked, resolve: isAsked } = Promise.withResolvers<void>();
    let answer: () => void = () => undefined;
    const proxy = await proxyTo(
      await legacy((_request, response) => {
        answer = () => response.end('late');
        isAsked();
      }),
    );
    const caller = new Agent({ keepAlive: true });
    closers.push(async () => caller.destroy());
    const answered = new Promise<string>((resolve, reject) => {
      request(proxy.url, { agent: caller }, (response) => text(response).then(resolve, reject))
        .on('error', reject)
        .end();
    });
    await asked;
    // Longer than this test may take: what is open then is not cut but ends by itself.
    const closed = proxy.close(600_000);
    while (await accepts(proxy.url));
    answer();
    expect(await answered).toBe('late');
    await closed;
    // Kept as long as either side likes, it would be half a minute.
  }, 15_000);
});

function accepts(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.once('connect', () => socket.destroy());
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(true));
  });
}
