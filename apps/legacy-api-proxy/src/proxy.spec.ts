import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { type ControlState, type EntityControl, NOTHING_CONTROLLED } from '@banyan/control';
import { type InMemoryControl, inMemoryControl } from '@banyan/control/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readConfig } from './config.js';
import { type RunningProxy, startProxy } from './proxy.js';
import { thing } from './testing/things.js';

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** A server that does what it is told, and writes down what it was asked. */
class Double {
  readonly asked: string[] = [];
  handler: Handler = (_request, response) => response.end('{}');
  readonly #server: Server = createServer((request, response) => {
    void text(request).then((body) => {
      this.asked.push(`${request.method} ${request.url}`);
      this.handler(request, response, body);
    });
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): Promise<unknown> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(resolve));
  }
}

const json = (response: ServerResponse, status: number, value: unknown, headers: Record<string, string> = {}): void => {
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
    .end(JSON.stringify(value));
};

let legacy: Double;
let v2: Double;
let control: InMemoryControl;
let urls: { legacy: string; v2: string };
let proxies: RunningProxy[];
let tableFile: string;
let mismatches: object[];

beforeEach(async () => {
  [legacy, v2, control, proxies, mismatches] = [new Double(), new Double(), inMemoryControl({}, 'proxy-0'), [], []];
  urls = { legacy: await legacy.start(), v2: await v2.start() };
  tableFile = join(tmpdir(), `banyan-proxy-${randomUUID()}.json`);
});

afterEach(async () => {
  for (const proxy of proxies) await proxy.close();
  await Promise.all([legacy.stop(), v2.stop()]);
  await rm(tableFile, { force: true });
});

async function start(env: Record<string, string> = {}, log: InMemoryControl = control): Promise<RunningProxy> {
  const config = readConfig({
    PORT: '0',
    ADMIN_PORT: '0',
    LOG_LEVEL: 'silent',
    INSTANCE_NAME: 'proxy-0',
    KAFKA_BROKERS: 'unused:9092',
    SCHEMA_REGISTRY_URL: 'http://unused:8081',
    LEGACY_URL: urls.legacy,
    NEW_API_URL: urls.v2,
    TABLE_FILE: tableFile,
    // Only a test of the bound itself may meet it, on however slow a disk.
    HOLD_MAX_MS: '60000',
    ROUND_TRIP_DEADLINE_MS: '60000',
    CONFIRM_AFTER_MS: '20',
    ...env,
  });
  const proxy = await startProxy(config, {
    entities: [thing],
    platform: {
      control: log,
      mismatches: { found: (mismatch) => mismatches.push(mismatch), last: () => mismatches as never },
      close: async () => undefined,
    },
  });
  proxies.push(proxy);
  return proxy;
}

const NEW: Partial<EntityControl> = { opened: true, writeMode: 'new', share: 100, epoch: 1 };
const away = (state: Partial<ControlState> = NOTHING_CONTROLLED): InMemoryControl => ({
  ...inMemoryControl(state, 'proxy-0'),
  follow: () => new Promise(() => undefined),
});

async function call(proxy: RunningProxy, method: string, path: string, body?: unknown) {
  const answer = await fetch(`${proxy.trafficUrl}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, text: await answer.text(), headers: answer.headers };
}

const metric = async (proxy: RunningProxy, line: string): Promise<string | undefined> =>
  (await call({ ...proxy, trafficUrl: proxy.url }, 'GET', '/metrics')).text
    .split('\n')
    .find((one) => one.startsWith(line));

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let at = 0; at < 6_000; at += 1) {
    if (await holds()) return;
    await delay(10);
  }
  throw new Error('it did not come to that');
}

describe('a proxy at whose port something else listens', () => {
  it.each(['PORT', 'ADMIN_PORT'])('ends, and says that: %s', async (name) => {
    const port = new URL(urls.legacy).port;
    await expect(start({ [name]: port })).rejects.toMatchObject({
      code: 'SERVICE_PORT_TAKEN',
      message: expect.stringContaining(port),
    });
  });
});

describe('the proxy as an app', () => {
  it('keeps health off legacy\u2019s address, where every path is legacy\u2019s', async () => {
    legacy.handler = (request, response) => response.end(`legacy ${request.url}`);
    const proxy = await start();
    expect((await call(proxy, 'GET', '/health/live')).text).toBe('legacy /health/live');
    expect((await fetch(`${proxy.url}/health/ready`)).status).toBe(200);
  });

  it('is dead when it does not try to read the control log any more, and alive while that cannot be read', async () => {
    const live = async (log: InMemoryControl) => (await fetch(`${(await start({}, log)).url}/health/live`)).status;
    expect(await live({ ...control, sinceTriedMs: () => 20_001 })).toBe(503);
    expect(await live({ ...away(), lastError: () => new Error('Kafka is away'), sinceTriedMs: () => 900 })).toBe(200);
  });

  it('counts what it passed on', async () => {
    const proxy = await start();
    await call(proxy, 'GET', '/counted');
    expect(await metric(proxy, 'banyan_proxy_answers_total{method="GET",status="2xx"}')).toMatch(/ [1-9]\d*$/);
  });

  it('tells gates, modes and open writes on its admin port alone', async () => {
    control.replace({ reads: { 'thing.one': 'shadow' }, ports: { 'thing.backend': 'off' } });
    const proxy = await start();
    const status = await (await fetch(`${proxy.url}/internal/status`)).json();
    expect(status).toMatchObject({
      app: 'legacy-api-proxy',
      instance: 'proxy-0',
      consumers: [],
      entities: { thing: { gate: 'direct', writeMode: 'legacy', openDirect: 0, held: 0 } },
      reads: { 'thing.one': 'shadow', 'thing.list': 'legacy' },
      ports: { 'thing.backend': 'off' },
      openWrites: { thing: 0 },
    });
    expect(control.state().parties['proxy-0']?.url).toBe(proxy.url);
  });

  it('leaves in order when it stops', async () => {
    const proxy = await start();
    await proxy.close();
    expect(control.state().parties).toEqual({});
  });

  it('stays registered when legacy may still carry out a write of its', async () => {
    legacy.handler = (request) => request.socket.destroy();
    const proxy = await start();
    expect((await call(proxy, 'PUT', '/things/7', {})).status).toBe(502);
    await proxy.close();
    expect(Object.keys(control.state().parties)).toEqual(['proxy-0']);
  });
});

describe('writes', () => {
  it('go to legacy untouched, and nobody else is asked', async () => {
    legacy.handler = (_request, response, body) => json(response, 200, { got: body });
    const proxy = await start();
    expect((await call(proxy, 'PUT', '/things/7', { a: 1 })).text).toBe('{"got":"{\\"a\\":1}"}');
    expect(v2.asked).toEqual([]);
  });

  it('move forward under concurrent writes: none is at legacy when the proxy says that it is prepared', async () => {
    let atLegacy = 0;
    legacy.handler = (_request, response) => {
      atLegacy += 1;
      setTimeout(() => {
        atLegacy -= 1;
        json(response, 200, {});
      }, 5);
    };
    v2.handler = (_request, response) => json(response, 200, { id: 'x' }, { 'banyan-ported': 'yes' });
    const proxy = await start();
    const seen: string[] = [];
    control.onChange(() => {
      if (control.state().entities.thing?.move?.prepared.includes('proxy-0'))
        seen.push(`prepared with ${atLegacy} open`);
    });
    const statuses: number[] = [];
    let stop = false;
    const client = async (): Promise<void> => {
      while (!stop) statuses.push((await call(proxy, 'PUT', '/things/7', {})).status);
    };
    const clients = Array.from({ length: 8 }, client);
    await delay(50);
    const planned = {
      direction: 'forward' as const,
      epoch: 1,
      share: 100,
      toMode: 'new' as const,
      step: 'planned' as const,
    };
    control.replaceEntity('thing', { move: { ...planned, prepared: [], by: 'a test', at: '' } });
    await until(() => seen.length > 0);
    const directBefore = legacy.asked.filter((one) => one.startsWith('PUT')).length;
    expect(v2.asked.filter((one) => one.startsWith('PUT'))).toEqual([]);
    await delay(50);
    expect(legacy.asked.filter((one) => one.startsWith('PUT'))).toHaveLength(directBefore);
    const { move: _, ...rest } = control.state().entities.thing as EntityControl;
    control.replace({ entities: { thing: { ...rest, ...NEW } as EntityControl } });
    await until(() => v2.asked.filter((one) => one.startsWith('PUT')).length > 8);
    stop = true;
    await Promise.all(clients);
    expect(seen[0]).toBe('prepared with 0 open');
    expect(legacy.asked.filter((one) => one.startsWith('PUT'))).toHaveLength(directBefore);
    expect([...new Set(statuses)]).toEqual([200]);
  });

  it('wait no longer than they may, and are told to come again', async () => {
    const planned = {
      direction: 'back' as const,
      epoch: 2,
      share: 0,
      toMode: 'legacy' as const,
      step: 'planned' as const,
    };
    control.replaceEntity('thing', { ...NEW, move: { ...planned, prepared: [], by: 'a test', at: '' } });
    const proxy = await start({ HOLD_MAX_MS: '50' });
    const { status, text: words, headers } = await call(proxy, 'PUT', '/things/7', {});
    expect([status, headers.get('retry-after')]).toEqual([503, '1']);
    expect(words).toContain('moving back to legacy; nothing was done');
    expect([...legacy.asked, ...v2.asked]).toEqual([]);
  });

  it('take the round trip when V2 has the say', async () => {
    control.replaceEntity('thing', NEW);
    v2.handler = (request, response, body) => {
      expect(request.headers).toMatchObject({ 'banyan-wait-for': 'ported', 'idempotency-key': 'proxy:thing:PO-1' });
      json(response, 201, { id: 'x', legacyId: '7', got: body }, { 'banyan-ported': 'yes' });
    };
    legacy.handler = (_request, response) => json(response, 200, { ThingID: 7 });
    const proxy = await start();
    expect(await call(proxy, 'POST', '/things', { Name: 'x', Ref: 'PO-1' })).toMatchObject({
      status: 201,
      text: '{"ThingID":7}',
    });
    expect([v2.asked, legacy.asked]).toEqual([['POST /v2/things'], ['GET /things/7']]);
  });

  it('are answered within the deadline while V2 keeps silent', async () => {
    control.replaceEntity('thing', NEW);
    v2.handler = () => undefined;
    const proxy = await start({ ROUND_TRIP_DEADLINE_MS: '500' });
    const { status, text: words } = await call(proxy, 'POST', '/things', { Name: 'x' });
    expect([status, words]).toEqual([504, expect.stringContaining('It is not known yet')]);
  }, 30_000);

  it('are gone, with a pointer', async () => {
    control.replaceEntity('thing', { ...NEW, writeMode: 'gone' });
    const proxy = await start();
    const { status, text: words } = await call(proxy, 'PUT', '/things/7', {});
    expect([status, words]).toEqual([410, expect.stringContaining(`${urls.v2}/docs`)]);
  });

  it('that legacy could understand though no route says so pass only while legacy has the say', async () => {
    const proxy = await start();
    expect((await call(proxy, 'PATCH', '/things/7', {})).status).toBe(200);
    control.replaceEntity('thing', NEW);
    expect((await call(proxy, 'PATCH', '/things/7', {})).status).toBe(400);
    expect((await call(proxy, 'PUT', '/THINGS/7', {})).status).toBe(400);
    expect(legacy.asked).toEqual(['PATCH /things/7']);
  });
});

describe('writes of an entity that is open for native ones', () => {
  const owner = (answer: object, status = 200): void => {
    v2.handler = (request, response) =>
      request.url?.startsWith('/internal/')
        ? json(response, status, answer)
        : json(response, 200, { id: 'x' }, { 'banyan-ported': 'yes' });
  };
  beforeEach(() => control.replaceEntity('thing', { opened: true }));

  it('go to legacy where the row is legacy\u2019s', async () => {
    owner({ key: 'k', owner: 'legacy', held: false });
    const proxy = await start();
    expect((await call(proxy, 'PUT', '/things/007', {})).status).toBe(200);
    expect([v2.asked, legacy.asked]).toEqual([['GET /internal/owner/thing?legacyId=7'], ['PUT /things/007']]);
  });

  it('take the round trip where the row is V2\u2019s', async () => {
    owner({ key: 'k', owner: 'new', held: false });
    legacy.handler = (_request, response) => json(response, 200, { ThingID: 7 });
    const proxy = await start();
    expect((await call(proxy, 'PUT', '/things/7', { a: 1 })).text).toBe('{"ThingID":7}');
    expect(v2.asked).toEqual(['GET /internal/owner/thing?legacyId=7', 'PUT /v2/things/legacy:7']);
    expect(legacy.asked).toEqual(['GET /things/7']);
  });

  it('ask nobody where they make a row that legacy numbers', async () => {
    const proxy = await start();
    await call(proxy, 'POST', '/things', { Name: 'x' });
    expect([v2.asked, legacy.asked]).toEqual([[], ['POST /things']]);
  });

  it('of a client that vanished in the middle of its body hold no move up', async () => {
    const proxy = await start({ BODY_IDLE_MS: '1000' });
    const client = connect(Number(new URL(proxy.trafficUrl).port), '127.0.0.1');
    // Half a body, and then nothing: no more bytes, no FIN.
    client.write('POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"Name"');
    const answered = new Promise<Buffer>((resolve) => client.once('data', resolve));
    await until(async () => {
      const status = (await (await fetch(`${proxy.url}/internal/status`)).json()) as { openWrites: { thing: number } };
      return status.openWrites.thing === 1;
    });
    const planned = { direction: 'forward', epoch: 1, share: 100, toMode: 'new', step: 'planned' } as const;
    control.replaceEntity('thing', { opened: true, move: { ...planned, prepared: [], by: 'a test', at: '' } });
    await until(() => control.state().entities.thing?.move?.prepared.includes('proxy-0') === true);
    expect(String(await answered)).toMatch(/^HTTP\/1.1 408 .*nothing was done/s);
    expect([v2.asked, legacy.asked]).toEqual([[], []]);
    client.destroy();
  });

  it('take the round trip again where V2 took a creation of that name before: writes went back meanwhile', async () => {
    const known = { known: true };
    v2.handler = (request, response) =>
      request.method === 'GET'
        ? json(response, 200, known)
        : json(response, 201, { id: 'k', legacyId: '7' }, { 'banyan-ported': 'yes' });
    legacy.handler = (_request, response) => json(response, 200, { ThingID: 7 });
    const proxy = await start();
    expect((await call(proxy, 'POST', '/things', { Name: 'x', Ref: 'PO-1' })).text).toBe('{"ThingID":7}');
    expect(v2.asked).toEqual([
      expect.stringMatching(/^GET \/internal\/creations\?key=proxy%3Athing%3APO-1&key=proxy%3Athing%3APO-1%3A/),
      'POST /v2/things',
    ]);
    expect(legacy.asked).toEqual(['GET /things/7']);
    known.known = false;
    await call(proxy, 'POST', '/things', { Name: 'x', Ref: 'PO-2' });
    expect(legacy.asked).toEqual(['GET /things/7', 'POST /things']);
  });

  it('do nothing while nobody can say whether V2 took that creation', async () => {
    v2.handler = (_request, response) => json(response, 503, { code: 'POSTGRES_UNAVAILABLE' });
    const proxy = await start();
    expect(await call(proxy, 'POST', '/things', { Name: 'x', Ref: 'PO-1' })).toMatchObject({
      status: 503,
      text: expect.stringContaining('nothing was done'),
    });
    expect(legacy.asked).toEqual([]);
  });

  it('with the porter away are refused, and other traffic lives', async () => {
    owner({ code: 'IMPORT_PORTER_AWAY', detail: 'The porter does not answer.' }, 503);
    const proxy = await start();
    const { status, text: words } = await call(proxy, 'PUT', '/things/7', {});
    expect([status, words]).toEqual([503, expect.stringContaining('nothing was done')]);
    expect((await call(proxy, 'GET', '/things/7')).status).toBe(200);
    expect((await call(proxy, 'POST', '/others', {})).status).toBe(200);
    expect(legacy.asked).toEqual(['GET /things/7', 'POST /others']);
  });

  it('wait for a row that an open send may have made, and then go its way', async () => {
    let asked = 0;
    v2.handler = (_request, response) => {
      asked += 1;
      json(response, 200, { key: 'k', owner: 'legacy', held: asked < 2 });
    };
    const proxy = await start();
    expect((await call(proxy, 'PUT', '/things/7', {})).status).toBe(200);
    expect(legacy.asked).toEqual(['PUT /things/7']);
  });

  it('do nothing where an open send may have made the row for longer than they may wait', async () => {
    owner({ key: 'k', owner: 'legacy', held: true });
    const proxy = await start({ HOLD_MAX_MS: '250' });
    expect((await call(proxy, 'PUT', '/things/7', {})).status).toBe(503);
    expect(legacy.asked).toEqual([]);
  });
});

describe('with the control log away', () => {
  it('serves by its last table', async () => {
    control.replaceEntity('thing', { ...NEW, writeMode: 'gone' });
    control.replace({ reads: { 'thing.one': 'gone' } });
    const first = await start();
    expect((await call(first, 'GET', '/things/7')).status).toBe(410);
    await until(async () => (await readFile(tableFile, 'utf8').catch(() => '')).includes(control.incarnation));
    // As if killed: it never left.
    const second = await start({}, away());
    expect((await call(second, 'GET', '/things/7')).status).toBe(410);
    expect((await call(second, 'PUT', '/things/7', {})).status).toBe(410);
  });

  it('and no table reads as ever and begins no write: nobody knows who may', async () => {
    const proxy = await start({ HOLD_MAX_MS: '50' }, away());
    expect((await call(proxy, 'GET', '/things/7')).status).toBe(200);
    const { status, text: words } = await call(proxy, 'PUT', '/things/7', {});
    expect([status, words]).toEqual([503, expect.stringContaining('waits for the control log')]);
    expect((await call(proxy, 'POST', '/others', {})).status).toBe(200);
    expect((await fetch(`${proxy.url}/health/ready`)).status).toBe(503);
  });
});

describe('reads', () => {
  const rows = (...ids: number[]) => ({ rows: ids.map((ThingID) => ({ ThingID })), total: ids.length });
  const comparisons = (proxy: RunningProxy, verdict: string) =>
    metric(proxy, `banyan_proxy_comparisons_total{route="thing.one",verdict="${verdict}"}`);

  it('in shadow get legacy\u2019s answer, whatever V2 does, and wait for nothing of it', async () => {
    control.replace({ reads: { 'thing.one': 'shadow' } });
    legacy.handler = (_request, response) => json(response, 200, { ThingID: 7 });
    v2.handler = () => undefined;
    const proxy = await start();
    // A single wait for V2 would outlast the test.
    for (let at = 0; at < 20; at += 1) expect((await call(proxy, 'GET', '/things/7')).text).toBe('{"ThingID":7}');
    v2.handler = (_request, response) => json(response, 500, {});
    expect(await call(proxy, 'GET', '/things/7')).toMatchObject({ status: 200, text: '{"ThingID":7}' });
    expect(mismatches).toEqual([]);
    // It asks, and writes nowhere.
    expect([...legacy.asked, ...v2.asked].every((one) => one.startsWith('GET '))).toBe(true);
  }, 30_000);

  it('in shadow report what differs, and differs again', async () => {
    control.replace({ reads: { 'thing.one': 'shadow' } });
    legacy.handler = (_request, response) => json(response, 200, { ThingID: 7, Name: 'old' });
    v2.handler = (_request, response) => json(response, 200, { rows: [{ ThingID: 7, Name: 'new' }], total: 1 });
    const proxy = await start();
    await call(proxy, 'GET', '/things/7?x=1');
    await until(() => mismatches.length > 0);
    expect(mismatches).toEqual([
      expect.objectContaining({
        entity: 'thing',
        route: 'one',
        request: 'GET /things/7?x=1',
        answeredBy: 'legacy',
        differences: [{ path: 'Name', legacy: '"old"', new: '"new"' }],
        legacyIds: ['7'],
      }),
    ]);
    const told = await (await fetch(`${proxy.url}/internal/mismatches`)).json();
    expect(told).toEqual({ mismatches });
  });

  it('in shadow report no difference that was only the lag', async () => {
    control.replace({ reads: { 'thing.one': 'shadow' } });
    let name = 'old';
    legacy.handler = (_request, response) => json(response, 200, { ThingID: 7, Name: 'new' });
    v2.handler = (_request, response) => {
      json(response, 200, { rows: [{ ThingID: 7, Name: name }], total: 1 });
      name = 'new';
    };
    const proxy = await start();
    const before = await comparisons(proxy, 'mended');
    await call(proxy, 'GET', '/things/7');
    await until(async () => (await comparisons(proxy, 'mended')) !== before);
    expect(mismatches).toEqual([]);
  });

  it('in new are V2\u2019s, in legacy\u2019s form, and legacy is compared behind them', async () => {
    control.replace({ reads: { 'thing.one': 'new', 'thing.list': 'new' } });
    legacy.handler = (_request, response) => json(response, 200, { ThingID: 8 });
    v2.handler = (_request, response) => json(response, 200, rows(7));
    const proxy = await start();
    expect((await call(proxy, 'GET', '/things/7')).text).toBe('{"ThingID":7}');
    await until(() => mismatches.length > 0);
    expect(mismatches[0]).toMatchObject({
      answeredBy: 'new',
      differences: [{ path: 'ThingID', legacy: '8', new: '7' }],
    });
    const list = await call(proxy, 'GET', '/things');
    expect([list.text, list.headers.get('x-total-count')]).toEqual(['[{"ThingID":7}]', '1']);
    expect((await call(proxy, 'GET', '/things?size=many')).status).toBe(400);
  });

  it('in new fall back to legacy while V2 is away, unless legacy is behind', async () => {
    control.replace({ reads: { 'thing.one': 'new' } });
    legacy.handler = (_request, response) => json(response, 200, { ThingID: 7 });
    v2.handler = (_request, response) => json(response, 503, { detail: 'not now' });
    const proxy = await start();
    expect(await call(proxy, 'GET', '/things/7')).toMatchObject({ status: 200, text: '{"ThingID":7}' });
    control.replace({ ports: { 'thing.backend': 'off' } });
    expect((await call(proxy, 'GET', '/things/7')).status).toBe(503);
  });

  it('are gone, with a pointer, also for HEAD', async () => {
    control.replace({ reads: { 'thing.one': 'gone' } });
    const proxy = await start({ GONE_POINTER_URL: 'https://api.example/docs' });
    expect(await call(proxy, 'GET', '/things/7')).toMatchObject({
      status: 410,
      text: expect.stringContaining('https://api.example/docs'),
    });
    expect(await call(proxy, 'HEAD', '/things/7')).toMatchObject({ status: 410, text: '' });
  });
});

describe('configuration of the proxy', () => {
  it('names all that is wrong at once', () => {
    expect(() => readConfig({ PORT: 'x', LEGACY_URL: 'http://legacy.example/api' })).toThrow(/PORT[\s\S]*LEGACY_URL/);
  });
});
