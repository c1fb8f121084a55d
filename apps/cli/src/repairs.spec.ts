import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const BANYAN = fileURLToPath(new URL('../bin/banyan.mjs', import.meta.url));
const NOWHERE = 'http://127.0.0.1:9';
const KEY = '95462b67-86f7-5871-889d-f59ca90f9c53';
const CONSUMER = 'legacy-porter.order.backend';

let porter: Server;
let environment: Record<string, string>;
let parked: Record<string, unknown>[];
let closed: Record<string, unknown>[];
let told: Record<string, unknown>[];

beforeEach(async () => {
  const why = { errorCode: 'PORTER_BYPASS', errorMessage: 'somebody wrote it', since: 'today', behind: 1 };
  parked = [{ consumer: 'order.backend', entity: 'order', key: KEY, kind: 'send', eventId: 'e1', ...why }];
  const ended = {
    consumer: 'order.backend',
    entity: 'order',
    key: KEY,
    ...why,
    closedAt: 'now',
    why: 'its writer is gone',
  };
  const at = { partition: 4, offset: '17', headers: {}, value: 'AA==' };
  closed = [
    { ...ended, kind: 'send', version: 3, eventId: 'e3', eventType: 'OrderShipped', closedBy: 'bob', offset: null },
    { ...ended, ...at, kind: 'state', version: 2, eventId: 'e2', eventType: 'OrderRevised', closedBy: 'e9' },
  ];
  told = [];
  porter = createServer((request, response) => {
    const unlike = [
      { consumer: 'order.backend', entity: 'order', key: 'k2', version: 3, by: 'bob', reason: 'old', since: 'today' },
    ];
    if (request.url === '/internal/parked') return response.end(JSON.stringify({ parked, unlike }));
    if (request.url === '/internal/closed') return response.end(JSON.stringify({ closed: [...closed, ...closed] }));
    request.on('data', (chunk) => told.push({ path: request.url, ...JSON.parse(String(chunk)) }));
    request.on('end', () => response.end(JSON.stringify({ replayed: 0, waiting: 0 })));
    return undefined;
  });
  await new Promise<void>((resolve) => porter.listen(0, '127.0.0.1', resolve));
  environment = {
    PATH: process.env.PATH ?? '',
    KAFKA_BROKERS: '127.0.0.1:9',
    SCHEMA_REGISTRY_URL: NOWHERE,
    V2_DATABASE_URL: 'postgres://u:p@127.0.0.1:9/v2',
    BANYAN_DATABASE_URL: 'postgres://u:p@127.0.0.1:9/v2',
    LEGACY_URL: NOWHERE,
    PROJECTOR_URL: NOWHERE,
    PORTER_URL: `http://127.0.0.1:${(porter.address() as AddressInfo).port}`,
    OPERATOR: 'ann',
  };
});
afterEach(() => {
  porter.close();
  porter.closeAllConnections();
});

function banyan(words: readonly string[], more: Record<string, string> = {}) {
  return new Promise<{ code: unknown; out: string; talk: string }>((resolve) => {
    execFile(process.execPath, [BANYAN, ...words], { env: { ...environment, ...more } }, (error, out, talk) =>
      resolve({ code: error?.code ?? 0, out, talk }),
    );
  });
}

describe('banyan parked', () => {
  it('lists what stands with the ways on, and what is unlike with the way to make it whole', async () => {
    const { out } = await banyan(['parked', 'list']);
    expect(out).toContain(`when mended: banyan parked replay order ${KEY}`);
    expect(out).toContain(`when it never can be: banyan parked discard ${CONSUMER} ${KEY} --reason`);
    expect(out).toContain('(unlike) since today\n  UNLIKE: up to version 3: old (bob)');
    expect(out).toContain('to make it whole: banyan re-port order.backend --key k2');
  });

  it('names the way past a state that stands, and none by which it would be given up', async () => {
    Object.assign(parked[0] ?? {}, { kind: 'state' });
    const { out } = await banyan(['parked', 'list']);
    expect(out).toContain(`else, for a key of V2: banyan restate order ${KEY} --from <file> --reason …`);
    expect(out).not.toContain('parked discard');
    const said = await banyan(['parked', 'discard', CONSUMER, KEY, '--reason', 'x']);
    expect(said).toMatchObject({ code: 4, talk: expect.stringContaining('banyan restate') });
  });

  it('tells what never goes on, in one list, each once: what was given up by whom, what a whole state has passed', async () => {
    const { out } = await banyan(['parked', 'closed']);
    expect(out.split('\n\n').map((one) => one.split('\n'))).toEqual([
      [
        `legacy-porter order.backend: order ${KEY} (send), version 3, given up now by bob`,
        '  its writer is gone',
        '  event e3 OrderShipped, PORTER_BYPASS: somebody wrote it',
      ],
      [
        `legacy-porter order.backend: order ${KEY} (state), version 2, closed now by event e9`,
        '  its writer is gone',
        '  event e2 OrderRevised at 4:17, PORTER_BYPASS: somebody wrote it',
        '',
      ],
    ]);
  });

  it('discards only by name, with a reason, and shows before what it would give up', async () => {
    const discard = ['parked', 'discard', CONSUMER, KEY];
    expect(await banyan(discard)).toMatchObject({ code: 2, talk: expect.stringContaining('--reason') });
    const reasoned = [...discard, '--reason', 'a test order'];
    const production = { ENVIRONMENT: 'production' };
    const tried = await banyan([...reasoned, '--dry-run', '--json'], production);
    expect({ code: tried.code, ...JSON.parse(tried.out) }).toMatchObject({
      code: 0,
      discarded: false,
      standing: { eventId: 'e1' },
    });
    expect(await banyan(reasoned, production)).toMatchObject({
      code: 4,
      talk: expect.stringContaining('--confirm production'),
    });
    expect(await banyan([...reasoned, '--event', 'e9'])).toMatchObject({
      code: 4,
      talk: expect.stringContaining('event e1 stands'),
    });
    expect(told).toEqual([]);
    const done = await banyan([...reasoned, '--confirm', 'production'], production);
    expect(done).toMatchObject({ code: 0, out: expect.stringContaining(`banyan re-port order.backend --key ${KEY}`) });
    const order = { entity: 'order', port: 'backend', key: KEY, eventId: 'e1', by: 'ann', reason: 'a test order' };
    expect(told).toEqual([{ path: '/internal/parked/discard', ...order }]);
  });

  it('settles a doubt by one of two words', async () => {
    Object.assign(parked[0] ?? {}, { kind: 'in-doubt', errorCode: 'PORTER_IN_DOUBT' });
    const settle = ['parked', 'settle', CONSUMER, KEY, '--reason', 'seen'];
    for (const words of [[], ['--arrived-as', '7', '--not-arrived']])
      expect(await banyan([...settle, ...words])).toMatchObject({
        code: 2,
        talk: expect.stringContaining('CLI_USAGE'),
      });
    expect(await banyan([...settle, '--not-arrived', '--dry-run'])).toMatchObject({ code: 0 });
    expect(await banyan(['parked', 'discard', CONSUMER, KEY, '--reason', 'seen'])).toMatchObject({ code: 4 });
    expect(told).toEqual([]);
    expect(await banyan([...settle, '--arrived-as', '7'])).toMatchObject({ code: 0 });
    expect(await banyan([...settle, '--not-arrived'])).toMatchObject({ code: 0 });
    expect(told).toMatchObject([
      { path: '/internal/parked/settle', arrivedAs: '7', by: 'ann' },
      { path: '/internal/parked/settle', notArrived: true },
    ]);
    const { out } = await banyan(['parked', 'list']);
    expect(out).toContain(`banyan parked settle ${CONSUMER} ${KEY}`);
  });
});
