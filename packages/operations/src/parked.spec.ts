import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { listParked, replayParked } from './parked.js';
import type { AppAddress } from './status.js';

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
    return response.end(JSON.stringify({ replayed: parked.length }));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { app, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  replays = [];
});

describe('what is parked, where an app runs as several processes', () => {
  it('is told once, although every process of a consumer tells it', async () => {
    const twins = [
      await process('a', 'v2-projector', 'order', ['e1', 'e2']),
      await process('b', 'v2-projector', 'order', ['e1', 'e2']),
    ];
    expect((await listParked(twins)).map(({ eventId }) => eventId)).toEqual(['e1', 'e2']);
  });

  it('is replayed once, by a process that runs the entity, projector first', async () => {
    const addresses = [
      await process('projector-customer', 'v2-projector', 'customer', []),
      await process('projector-order', 'v2-projector', 'order', ['e1']),
      await process('porter-customer', 'legacy-porter', 'customer', []),
      await process('porter-order', 'legacy-porter', 'order', ['e1']),
      await process('porter-order-twin', 'legacy-porter', 'order', ['e1']),
    ];
    expect(await replayParked(addresses, { entity: 'order', key: KEY })).toEqual([
      { app: 'v2-projector', replayed: 1 },
      { app: 'legacy-porter', replayed: 1 },
    ]);
    expect(replays).toEqual(['projector-order', 'porter-order']);
  });

  it('is refused where nothing stands', async () => {
    const addresses = [await process('projector-order', 'v2-projector', 'order', [])];
    await expect(replayParked(addresses, { entity: 'order', key: KEY })).rejects.toMatchObject({
      code: 'OPERATIONS_NOTHING_PARKED',
    });
  });
});
