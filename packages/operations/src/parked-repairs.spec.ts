import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { listParked, replayParked } from './parked.js';
import { discardStanding, planStanding, settleStanding, whyNotDiscarded } from './parked-repairs.js';
import type { AppAddress } from './status.js';

const KEY = '95462b67-86f7-5871-889d-f59ca90f9c53';
const REPAIRER = { token: 'secret', by: 'ann', reason: 'a test order' };
const UNLIKE = { consumer: 'order', entity: 'order', key: KEY, version: 4, by: 'ann', reason: 'gone', since: 'today' };

interface Asked {
  readonly path: string;
  readonly body: Record<string, unknown>;
  readonly token: string | undefined;
}

const servers: Server[] = [];
let asked: Asked[] = [];

/** An app with what stands in it. @param refuses what it answers to a command, instead of doing it */
async function anApp(
  app: string,
  parked: readonly object[],
  refuses?: { readonly status: number; readonly detail: string },
  unlike: readonly object[] = [],
): Promise<AppAddress> {
  const server = createServer((request, response) => {
    if (request.url === '/internal/parked') return response.end(JSON.stringify({ parked, unlike }));
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      asked.push({ path: request.url ?? '', body: JSON.parse(text), token: request.headers.authorization });
      response.statusCode = refuses?.status ?? 200;
      response.end(JSON.stringify(refuses ?? { replayed: 1, waiting: 0 }));
    });
    return undefined;
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { app, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const standing = (consumer: string, kind: string, eventId: string, errorCode = 'X') => ({
  ...{ consumer, entity: 'order', key: KEY, kind, eventId, errorCode, eventType: 'Placed', behind: 0 },
  ...{ errorMessage: 'no', since: 'today' },
});

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
  asked = [];
});

describe('what a key stands behind', () => {
  it('is found at the consumer that is named, in whichever process runs it', async () => {
    const addresses = [
      await anApp('v2-projector', [standing('order', 'effect', 'e1')]),
      await anApp('legacy-porter', []),
      await anApp('legacy-porter', [standing('order.billing', 'send', 'e3'), standing('order.backend', 'send', 'e2')]),
    ];
    const plan = (consumer: string, eventId?: string) => planStanding(addresses, { consumer, key: KEY, eventId });
    expect((await plan('v2-projector.order')).standing.eventId).toBe('e1');
    const { standing: found, address } = await plan('legacy-porter.order.backend', 'e2');
    expect([found.eventId, address]).toEqual(['e2', addresses[2]]);
    await expect(plan('legacy-porter.order.backend', 'e9')).rejects.toMatchObject({
      code: 'OPERATIONS_REFUSED',
      message: expect.stringContaining('event e2 stands'),
    });
    await expect(plan('legacy-porter.product.backend')).rejects.toMatchObject({ code: 'OPERATIONS_NOTHING_PARKED' });
  });

  it('is not called nothing while the app is away', async () => {
    const away = [{ app: 'legacy-porter', url: 'http://127.0.0.1:9' }];
    const plan = planStanding(away, { consumer: 'legacy-porter.order.backend', key: KEY });
    await expect(plan).rejects.toMatchObject({ code: 'OPERATIONS_APP_AWAY', retryable: true });
  });

  it('is given up by a word to its app: which event, who and why', async () => {
    const addresses = [await anApp('legacy-porter', [standing('order.backend', 'send', 'e2')])];
    const plan = await planStanding(addresses, { consumer: 'legacy-porter.order.backend', key: KEY });
    expect(whyNotDiscarded(plan, false)).toBeUndefined();
    expect(await discardStanding(REPAIRER, plan, false)).toEqual({ replayed: 1, waiting: 0 });
    const order = { entity: 'order', port: 'backend', key: KEY, eventId: 'e2', by: 'ann', reason: 'a test order' };
    expect(asked).toEqual([{ path: '/internal/parked/discard', body: order, token: 'Bearer secret' }]);
  });

  it.each([
    ['state', 'X', false, 'mend the code and replay'],
    ['in-doubt', 'PORTER_IN_DOUBT', false, '--not-arrived'],
    ['in-doubt', 'PORTER_IN_DOUBT', true, undefined],
    ['in-doubt', 'PORTER_WRITER_SILENT', true, 'banyan porters forget'],
    ['effect', 'X', false, undefined],
  ])('cannot be given up where it is %s (%s, looked at: %s)', async (kind, code, looked, why) => {
    const addresses = [await anApp('legacy-porter', [standing('order.backend', kind, 'e2', code)])];
    const plan = await planStanding(addresses, { consumer: 'legacy-porter.order.backend', key: KEY });
    const said = whyNotDiscarded(plan, looked);
    expect(said).toEqual(why === undefined ? undefined : expect.stringContaining(why));
  });

  it('is left where the app says that it is not so any more', async () => {
    const stands = [standing('order', 'effect', 'e1')];
    const plan = { consumer: 'v2-projector.order', key: KEY };
    const moved = [await anApp('v2-projector', stands, { status: 409, detail: 'another stands' })];
    const discarded = discardStanding(REPAIRER, await planStanding(moved, plan), false);
    await expect(discarded).rejects.toMatchObject({
      code: 'OPERATIONS_REFUSED',
      message: expect.stringContaining('another stands'),
    });
    const broken = [await anApp('v2-projector', stands, { status: 500, detail: 'a fault' })];
    const failed = discardStanding(REPAIRER, await planStanding(broken, plan), false);
    await expect(failed).rejects.toMatchObject({ code: 'OPERATIONS_APP_REFUSED' });
  });

  it('is settled by what was seen in legacy, where it is in doubt', async () => {
    const consumer = 'legacy-porter.order.backend';
    const doubt = await planStanding([await anApp('legacy-porter', [standing('order.backend', 'in-doubt', 'e2')])], {
      consumer,
      key: KEY,
    });
    await settleStanding(REPAIRER, doubt, { arrivedAs: '10248' });
    expect(asked[0]).toMatchObject({ path: '/internal/parked/settle', body: { eventId: 'e2', arrivedAs: '10248' } });
    const sure = await planStanding([await anApp('legacy-porter', [standing('order.backend', 'send', 'e2')])], {
      consumer,
      key: KEY,
    });
    await expect(settleStanding(REPAIRER, sure, { notArrived: true })).rejects.toMatchObject({
      code: 'OPERATIONS_REFUSED',
    });
  });
});

describe('a key that is unlike', () => {
  it('is listed with who and why, and there is nothing of it to replay or to discard', async () => {
    const projector = await anApp('v2-projector', [], undefined, [UNLIKE]);
    const { keys } = await listParked([projector]);
    expect(keys).toMatchObject([
      { app: 'v2-projector', consumer: 'order', key: KEY, kind: 'unlike', errorMessage: 'up to version 4: gone (ann)' },
    ]);
    const nothing = { code: 'OPERATIONS_NOTHING_PARKED' };
    await expect(replayParked([projector], { entity: 'order', key: KEY })).rejects.toMatchObject(nothing);
    const plan = planStanding([projector], { consumer: 'v2-projector.order', key: KEY });
    await expect(plan).rejects.toMatchObject(nothing);
  });
});
