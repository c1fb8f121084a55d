import { execFile, spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const BANYAN = fileURLToPath(new URL('../bin/banyan.mjs', import.meta.url));

const KEY = '95462b67-86f7-5871-889d-f59ca90f9c53';

// Addresses where nobody listens: these commands have to end before they need anybody.
const ENVIRONMENT = {
  KAFKA_BROKERS: '127.0.0.1:9',
  SCHEMA_REGISTRY_URL: 'http://127.0.0.1:9',
  V2_DATABASE_URL: 'postgres://banyan_operator:secret-word@127.0.0.1:9/v2',
  BANYAN_DATABASE_URL: 'postgres://banyan_operator:secret-word@127.0.0.1:9/v2',
  LEGACY_URL: 'http://127.0.0.1:9',
};

function banyan(words: readonly string[], env: Readonly<Record<string, string>>) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BANYAN, ...words], {
    env: { PATH: process.env.PATH ?? '', ...env },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

/** As `banyan`, for what asks a server of this process. */
function whileServing(words: readonly string[], env: Readonly<Record<string, string>>) {
  return new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    const options = { env: { PATH: process.env.PATH ?? '', ...env } };
    execFile(process.execPath, [BANYAN, ...words], options, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

describe('banyan', () => {
  it('names every variable that is missing at once, and ends with 2', () => {
    const { status, stdout, stderr } = banyan(['status'], {});
    expect(status).toBe(2);
    expect(stdout).toBe('');
    for (const name of Object.keys(ENVIRONMENT)) expect(stderr).toContain(name);
  });

  it('never prints the value of a variable that is wrong', () => {
    const { status, stderr } = banyan(['status'], { ...ENVIRONMENT, V2_DATABASE_URL: 'mysql://u:secret-word@h/d' });
    expect(status).toBe(2);
    expect(stderr).toContain('V2_DATABASE_URL');
    expect(stderr).not.toContain('secret-word');
  });

  it.each([
    ['backfill', 'run', '--plan', 'abc', '--json'],
    ['parked', 'replay', 'order', KEY, '--json'],
    ['porters', 'forget', 'porter-0', '--json'],
    ['restate', 'order', KEY, '--gone', '--reason', 'gone', '--json'],
  ])('changes nothing in an environment that was not named, and ends with 4: %s %s', (...words) => {
    const { status, stdout, stderr } = banyan(words, { ...ENVIRONMENT, ENVIRONMENT: 'production' });
    expect(status).toBe(4);
    expect(stderr).toContain('--confirm production');
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'CLI_ENVIRONMENT_NOT_CONFIRMED' } });
  });

  it('says that a replayed key still stands, why, and which app is away; and ends with 1', async () => {
    const parked = [{ consumer: 'order.backend', entity: 'order', key: KEY, kind: 'state', eventId: 'e1' }];
    const answer = { replayed: 1, waiting: 2, error: { code: 'SINK_EVOLVE_FAILED', message: 'still so' } };
    const porter = createServer((request, response) => {
      request.resume();
      response.end(JSON.stringify(request.url === '/internal/parked' ? { parked } : answer));
    });
    await new Promise<void>((resolve) => porter.listen(0, '127.0.0.1', resolve));
    const PORTER_URL = `http://127.0.0.1:${(porter.address() as AddressInfo).port}`;
    const env = { ...ENVIRONMENT, PORTER_URL, PROJECTOR_URL: PORTER_URL };
    const stands = await whileServing(['parked', 'replay', 'order', KEY], env);
    Object.assign(answer, { waiting: 0, error: undefined });
    const free = await whileServing(['parked', 'replay', 'order', KEY, '--json'], env);
    const one = await whileServing(['parked', 'list', '--json'], { ...env, PROJECTOR_URL: 'http://127.0.0.1:9' });
    porter.close();
    porter.closeAllConnections();
    expect(stands.stdout).toContain('legacy-porter: 1 replayed, 2 still parked\n  SINK_EVOLVE_FAILED: still so');
    expect(stands.code).toBe(1);
    expect(JSON.parse(free.stdout)).toContainEqual({ app: 'legacy-porter', replayed: 1, waiting: 0 });
    expect(free.code).toBe(0);
    expect(JSON.parse(one.stdout)).toHaveLength(1);
    expect([one.code, one.stderr]).toEqual([1, expect.stringContaining('v2-projector does not answer')]);
  });

  it('does not offer to replay an invalid event, which may have no key', async () => {
    const why = { errorCode: 'SINK_INVALID_EVENT', errorMessage: 'it has no id', since: 'today', behind: 0 };
    const one = {
      consumer: 'order',
      entity: 'order',
      key: null,
      kind: 'invalid',
      eventId: null,
      eventType: null,
      ...why,
    };
    const projector = createServer((_request, response) => response.end(JSON.stringify({ parked: [one] })));
    await new Promise<void>((resolve) => projector.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(projector.address() as AddressInfo).port}`;
    const { stdout } = await whileServing(['parked', 'list'], { ...ENVIRONMENT, PROJECTOR_URL: url, PORTER_URL: url });
    projector.close();
    projector.closeAllConnections();
    expect(stdout).toContain('order: order (no key) (invalid) since today');
    expect(stdout).not.toContain('parked replay');
  });

  it('shows of a parked key what, why, since when, how many wait behind it, and the command that lets it go on', async () => {
    const since = '2026-11-28T07:00:00.000Z';
    const about = { entity: 'order', eventId: 'e1', eventType: 'OrderPlaced', since, version: 3 };
    const send = { ...about, consumer: 'order.backend', key: KEY, kind: 'send', behind: 2 };
    const parked = [{ ...send, errorCode: 'PORTER_LEGACY_REJECTED', errorMessage: 'no', writer: null }];
    const waitsFor = [{ entity: 'customer', key: 'c1' }];
    const words = { errorCode: null, errorMessage: 'It waits for the legacy id of customer c1.' };
    const waiting = [{ ...send, ...words, kind: 'waiting', key: 'k2', behind: 0, waitsFor }];
    const asked: string[] = [];
    const porter = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end(JSON.stringify({ parked, waiting }));
    });
    await new Promise<void>((resolve) => porter.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(porter.address() as AddressInfo).port}`;
    const env = { ...ENVIRONMENT, PROJECTOR_URL: url, PORTER_URL: url, ENVIRONMENT: 'production' };
    const list = await whileServing(['parked', 'list'], env);
    const show = await whileServing(['parked', 'show', 'order', KEY, '--json'], env);
    porter.close();
    porter.closeAllConnections();
    expect(list.stdout).toContain(
      [
        `legacy-porter order.backend: order ${KEY} (send) since ${since}`,
        '  PORTER_LEGACY_REJECTED: no',
        '  event e1 OrderPlaced, version 3; 2 wait behind it',
        `  when mended: banyan parked replay order ${KEY} --confirm production`,
      ].join('\n'),
    );
    expect(list.stdout).toContain(
      [
        `legacy-porter order.backend: order k2 (waiting) since ${since}`,
        '  It waits for the legacy id of customer c1.',
        '  event e1 OrderPlaced, version 3; 0 wait behind it',
        '  it goes on by itself',
        '  why not yet: banyan parked show customer c1',
      ].join('\n'),
    );
    expect(asked).toContain(`/internal/parked?entity=order&key=${KEY}`);
    expect(JSON.parse(show.stdout)).toContainEqual(
      expect.objectContaining({
        waysOn: [
          { when: 'when mended', command: `banyan parked replay order ${KEY} --confirm production` },
          expect.objectContaining({ when: 'when it never can be' }),
        ],
        behind: 2,
      }),
    );
  });

  it('tells each app that is away, and ends with 1', () => {
    const away = {
      PROJECTOR_URL: 'http://127.0.0.1:9',
      PORTER_URL: 'http://127.0.0.1:9',
      NEW_API_URL: 'http://127.0.0.1:9',
    };
    const { status, stdout } = banyan(['status', '--json'], {
      ...ENVIRONMENT,
      ...away,
      PROXY_ADMIN_URL: 'http://127.0.0.1:9',
    });
    expect(status).toBe(1);
    const { apps, quiet } = JSON.parse(stdout) as { apps: { app: string; away?: string }[]; quiet: boolean };
    expect(apps.filter(({ away: why }) => why !== undefined).map(({ app }) => app)).toHaveLength(4);
    expect(quiet).toBe(false);
  });

  it('waits, when it is asked to, until nothing is left, and says with 1 that something is', async () => {
    let asked = 0;
    const consumer = { consumer: 'order', group: 'g', state: 'running', lagSeconds: 0, parked: 0 };
    const apps = createServer(({ url }, response) => {
      if (url === '/internal/status') asked += 1;
      const consumers = [{ ...consumer, lagRecords: asked < 5 ? 3 : 0 }];
      response.end(JSON.stringify({ app: 'v2-projector', instance: 'i', status: 'up', consumers }));
    });
    await new Promise<void>((resolve) => apps.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(apps.address() as AddressInfo).port}`;
    const env = { ...ENVIRONMENT, PROJECTOR_URL: url, PORTER_URL: url, NEW_API_URL: url, PROXY_ADMIN_URL: url };
    const atOnce = await whileServing(['status', '--wait', '0', '--json'], env);
    const quiet = await whileServing(['status', '--wait', '60', '--json'], env);
    apps.close();
    apps.closeAllConnections();
    expect([atOnce.code, JSON.parse(atOnce.stdout).quiet]).toEqual([1, false]);
    expect([quiet.code, JSON.parse(quiet.stdout).quiet]).toEqual([0, true]);
    expect(asked).toBeGreaterThanOrEqual(5);
  });

  it('is not quiet while a consumer is paused, and names who holds it', async () => {
    const paused = { by: 'ann', at: '2026-11-28T07:00:00.000Z', reason: 'a backup' };
    const consumer = {
      consumer: 'order',
      group: 'g',
      state: 'paused',
      lagRecords: 0,
      lagSeconds: 0,
      parked: 0,
      paused,
    };
    const apps = createServer((_request, response) => {
      response.end(JSON.stringify({ app: 'v2-projector', instance: 'i', status: 'up', consumers: [consumer] }));
    });
    await new Promise<void>((resolve) => apps.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(apps.address() as AddressInfo).port}`;
    const env = { ...ENVIRONMENT, PROJECTOR_URL: url, PORTER_URL: url, NEW_API_URL: url, PROXY_ADMIN_URL: url };
    const waited = await whileServing(['status', '--wait', '0'], env);
    apps.close();
    apps.closeAllConnections();
    expect(waited.code).toBe(1);
    expect(waited.stdout).toMatch(/v2-projector +order +paused .*paused by ann/);
  });

  it('shows what became of every record, and says with 1 that the books do not balance', async () => {
    const problems: string[] = [];
    const total = { records: 9, marker: 1, effective: 5, conflict: 3, applied: 4, parked: 1 };
    const consumer = { consumer: 'order', group: 'g', state: 'running', lagRecords: 0, lagSeconds: 0, parked: 0 };
    const apps = createServer((_request, response) => {
      const partitions = [{ ...total, partition: 3, from: 0, next: 9 }];
      const books = { balanced: problems.length === 0, problems, total, partitions };
      response.end(JSON.stringify({ app: 'v2-projector', instance: 'i', consumers: [{ ...consumer, books }] }));
    });
    await new Promise<void>((resolve) => apps.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(apps.address() as AddressInfo).port}`;
    const env = { ...ENVIRONMENT, PROJECTOR_URL: url, PORTER_URL: url, NEW_API_URL: url, PROXY_ADMIN_URL: url };
    const good = await whileServing(['status'], env);
    const { apps: all } = JSON.parse((await whileServing(['status', '--json'], env)).stdout);
    problems.push('partition 3: 9 records passed, 8 have an outcome');
    const bad = await whileServing(['status'], env);
    apps.close();
    apps.closeAllConnections();
    expect(good.code).toBe(0);
    expect(good.stdout).toMatch(/v2-projector +order +9 +1 +5 +0 +0 +0 +0 +3 +0 +4 +1 +0 +balance\n/);
    expect(all[0].consumers[0].books.partitions).toEqual([{ ...total, partition: 3, from: 0, next: 9 }]);
    expect([bad.code, bad.stdout]).toEqual([1, expect.stringMatching(/do not balance \(1\)/)]);
    expect(bad.stderr).toContain('v2-projector order, partition 3: 9 records passed, 8 have an outcome');
  });

  it('says of the consumers that send to a slow backend why it is slow, and of no others', async () => {
    const words = 'legacy answers in 840 ms, objective 300 ms: 12 of 100 calls at once';
    const slow = { slowReason: 'latency', slowBecause: words };
    const targets = [
      { target: 'legacy', inFlight: 12, limit: 12, max: 100, answerMs: 840, objectiveMs: 300, ...slow },
      { target: 'billing', inFlight: 0, limit: 8, max: 8, answerMs: null, objectiveMs: null },
    ];
    const one = { group: 'g', state: 'running', lagRecords: 0, lagSeconds: 0, parked: 0 };
    const consumers = [
      { ...one, consumer: 'order.backend', target: 'legacy', lastError: 'HTTP 503: later' },
      { ...one, consumer: 'order.billing', target: 'billing', lastError: null },
    ];
    const porter = createServer((_, response) =>
      response.end(JSON.stringify({ app: 'legacy-porter', instance: 'i', consumers, targets })),
    );
    await new Promise<void>((resolve) => porter.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(porter.address() as AddressInfo).port}`;
    const env = { ...ENVIRONMENT, PROJECTOR_URL: url, PORTER_URL: url, NEW_API_URL: url, PROXY_ADMIN_URL: url };
    const text = await whileServing(['status'], env);
    const json = await whileServing(['status', '--json'], env);
    porter.close();
    porter.closeAllConnections();
    expect(text.stdout).toContain(`${words}; HTTP 503: later`);
    expect(text.stdout).toMatch(/order\.billing +running .* - *\n/);
    expect(JSON.parse(json.stdout).apps[1]).toMatchObject({ targets: [{ target: 'legacy', ...slow }, {}] });
  });

  it('shows a port that nobody told where to send as off, and is quiet all the same', async () => {
    const notConfigured = [{ consumer: 'order.billing', variable: 'LEGACY_BILLING_DATABASE_URL' }];
    const apps = createServer((_, response) =>
      response.end(JSON.stringify({ app: 'legacy-porter', instance: 'i', consumers: [], notConfigured })),
    );
    await new Promise<void>((resolve) => apps.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(apps.address() as AddressInfo).port}`;
    const env = { ...ENVIRONMENT, PROJECTOR_URL: url, PORTER_URL: url, NEW_API_URL: url, PROXY_ADMIN_URL: url };
    const { code, stdout } = await whileServing(['status'], env);
    apps.close();
    apps.closeAllConnections();
    expect(code).toBe(0);
    expect(stdout).toMatch(/order\.billing +off .*not configured: LEGACY_BILLING_DATABASE_URL is not set/);
  });

  it('prints the marker table for the owners of a further legacy database, asking nobody', () => {
    const { status, stdout } = banyan(['ports', 'marker'], {});
    expect([status, stdout]).toEqual([0, expect.stringContaining('create table if not exists banyan_marker')]);
  });

  it('asks every process of an app that runs as several', () => {
    const addresses = { PORTER_URL: 'http://127.0.0.1:9, http://127.0.0.1:19', PROJECTOR_URL: 'http://127.0.0.1:9' };
    const { stdout } = banyan(['status', '--json'], { ...ENVIRONMENT, ...addresses });
    const { apps } = JSON.parse(stdout) as { apps: { app: string; away?: string }[] };
    const porters = apps.filter(({ app }) => app === 'legacy-porter').map(({ away }) => away);
    expect(porters).toEqual([expect.stringContaining('127.0.0.1:9;'), expect.stringContaining('127.0.0.1:19;')]);
  });

  it.each([
    'no-such-command',
    'backfill run',
    'backfill run --plan x --chunk many',
    'mismatches list --limit 0',
    'entities authority order --to new --patience abc',
    'entities authority order --to new --patience=-1',
    'verify --settle 1e9',
  ])('ends with 2 when it is called wrongly: %s', (line) => {
    expect(banyan(line.split(' '), ENVIRONMENT).status).toBe(2);
  });
});
