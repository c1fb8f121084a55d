import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { listParked, replayParked } from './parked.js';
import { type AppAddress, readStatus } from './status.js';

const KEY = '95462b67-86f7-5871-889d-f59ca90f9c53';
const servers: Server[] = [];
/** `porter-order replays {"entity":…}`, in the order in which it was asked. */
let replays: string[] = [];

/** A process with its own list of what stands, which refuses to replay what it does not run. */
async function process(name: string, app: string, entity: string, eventIds: readonly string[]): Promise<AppAddress> {
  const parked = eventIds.map((eventId) => ({ consumer: entity, entity, key: KEY, kind: 'state', eventId }));
  const server = createServer((request, response) => {
    if (request.url === '/internal/parked') return response.end(JSON.stringify({ parked }));
    request.resume();
    replays.push(name);
    response.statusCode = parked.length === 0 ? 404 : 200;
    return response.end(JSON.stringify({ replayed: parked.length, waiting: 0 }));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { app, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const at = async (listener: RequestListener): Promise<AppAddress> => {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { app: 'legacy-porter', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
};

/** Nobody; one that breaks off in its answer; a page of something else; another app's JSON. */
const broken = async (): Promise<AppAddress[]> => [
  { app: 'legacy-porter', url: 'http://127.0.0.1:9' },
  await at((_request, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('{"parked":');
    setTimeout(() => response.destroy(), 20);
  }),
  await at((_request, response) => response.end('<html>welcome</html>')),
  await at((_request, response) => response.end('{}')),
];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
  replays = [];
});

describe('status', () => {
  it('tells of apps whose answer breaks off or is none of theirs, and does not fail with them', async () => {
    const { apps, quiet } = await readStatus(await broken());
    expect(apps.map(({ away }) => typeof away)).toEqual(['string', 'string', 'string', 'string']);
    expect(quiet).toBe(false);
  });
});

describe('what is parked, where an app runs as several processes', () => {
  it('is told once, although every process of a consumer tells it', async () => {
    const twins = [
      await process('a', 'v2-projector', 'order', ['e1', 'e2']),
      await process('b', 'v2-projector', 'order', ['e1', 'e2']),
    ];
    expect((await listParked(twins)).keys.map(({ eventId }) => eventId)).toEqual(['e1', 'e2']);
  });

  it('is told although another app is away, which is named', async () => {
    const standing = await process('order', 'v2-projector', 'order', ['e1']);
    const { keys, away } = await listParked([standing, ...(await broken())]);
    expect(keys.map(({ eventId }) => eventId)).toEqual(['e1']);
    expect(away).toEqual([
      expect.stringContaining('legacy-porter does not answer'),
      expect.stringContaining('legacy-porter does not answer'),
      expect.stringContaining('legacy-porter gives no answer of its own'),
      expect.stringContaining('legacy-porter tells nothing of what is parked'),
    ]);
  });

  it('cannot be called nothing while an app is away', async () => {
    const addresses = [await process('order', 'v2-projector', 'order', []), ...(await broken())];
    await expect(replayParked(addresses, { entity: 'order', key: KEY })).rejects.toMatchObject({
      code: 'OPERATIONS_APP_AWAY',
    });
  });

  it('is replayed once, by a process that runs the entity, projector first', async () => {
    const addresses = [
      await process('projector-customer', 'v2-projector', 'customer', []),
      await process('projector-order', 'v2-projector', 'order', ['e1']),
      await process('porter-customer', 'legacy-porter', 'customer', []),
      await process('porter-order', 'legacy-porter', 'order', ['e1']),
      await process('porter-order-twin', 'legacy-porter', 'order', ['e1']),
    ];
    expect(await replayParked(addresses, { entity: 'order', key: KEY })).toEqual({
      answers: [
        { app: 'v2-projector', replayed: 1, waiting: 0 },
        { app: 'legacy-porter', replayed: 1, waiting: 0 },
      ],
      away: [],
    });
    expect(replays).toEqual(['projector-order', 'porter-order']);
  });

  it('is not replayed for an invalid event: it took no effect, and may have no key', async () => {
    const invalid = { consumer: 'order', entity: 'order', kind: 'invalid', eventId: null };
    const parked = [
      { ...invalid, key: null },
      { ...invalid, key: KEY },
    ];
    const projector = await at((_request, response) => response.end(JSON.stringify({ parked })));
    expect((await listParked([projector])).keys.map(({ key }) => key)).toEqual([null, KEY]);
    await expect(replayParked([projector], { entity: 'order', key: KEY })).rejects.toMatchObject({
      code: 'OPERATIONS_NOTHING_PARKED',
    });
  });

  it('tells that the key still stands, and why', async () => {
    const parked = [{ consumer: 'order.backend', entity: 'order', key: KEY, kind: 'state', eventId: 'e1' }];
    const answer = { replayed: 0, waiting: 2, error: { code: 'SINK_EVOLVE_FAILED', message: 'still so' } };
    const porter = await at((request, response) => {
      request.resume();
      response.end(JSON.stringify(request.url === '/internal/parked' ? { parked } : answer));
    });
    const { answers } = await replayParked([porter], { entity: 'order', key: KEY });
    expect(answers).toEqual([{ app: 'legacy-porter', ...answer }]);
  });

  it('is told with what waits for another entity, which nobody can replay', async () => {
    const waiting = [{ consumer: 'order.backend', entity: 'order', key: KEY, kind: 'waiting', eventId: 'e1' }];
    const asked: string[] = [];
    const porter = await at((request, response) => {
      asked.push(request.url ?? '');
      response.end(JSON.stringify({ parked: [], waiting }));
    });
    expect((await listParked([porter])).keys).toMatchObject([{ kind: 'waiting', app: 'legacy-porter' }]);
    await listParked([porter], { entity: 'order', key: KEY });
    expect(asked).toEqual(['/internal/parked', `/internal/parked?entity=order&key=${KEY}`]);
    await expect(replayParked([porter], { entity: 'order', key: KEY })).rejects.toMatchObject({
      code: 'OPERATIONS_NOTHING_PARKED',
    });
  });

  it('is refused where nothing stands', async () => {
    const addresses = [await process('projector-order', 'v2-projector', 'order', [])];
    await expect(replayParked(addresses, { entity: 'order', key: KEY })).rejects.toMatchObject({
      code: 'OPERATIONS_NOTHING_PARKED',
    });
  });
});
