import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { commit, FaultyLink, httpRequest, produce, produceBy } from './faulty-link.js';

describe('a faulty link', () => {
  let server: Server;
  let link: FaultyLink;
  let url: string;
  let done = 0;

  beforeAll(async () => {
    server = createServer(({ method, url }, response) => {
      if (method === 'POST') done += 1;
      if (url !== '/slow') response.end(String(done));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    link = await FaultyLink.to(address);
    url = link.through(address);
  });

  afterAll(async () => {
    await link.down();
    server.close();
  });

  it('refuses while it is down, and leads on while it is up', async () => {
    await expect(fetch(url)).rejects.toThrow();
    await link.up();
    expect(await (await fetch(url)).text()).toBe('0');
    await link.down();
    await expect(fetch(url)).rejects.toThrow();
    await link.up();
  });

  it('loses the answers to the chosen requests, whose work is done, and no others', async () => {
    const answers = link.loseAnswers(httpRequest(/^POST \/orders/), 2);
    expect(await (await fetch(`${url}/orders`)).text()).toBe('0');
    await expect(fetch(`${url}/orders/1`, { method: 'POST' })).rejects.toThrow();
    await expect(fetch(`${url}/orders`, { method: 'POST' })).rejects.toThrow();
    expect([done, answers.lost]).toEqual([2, 2]);
    expect(await (await fetch(`${url}/orders`, { method: 'POST' })).text()).toBe('3');
  });

  it('loses the next answer instead of one that its caller did not wait for', async () => {
    const answers = link.loseAnswers(httpRequest(/^POST \/slow/), 1);
    const before = done;
    const impatient = request(`${url}/slow`, { method: 'POST', agent: false }).on('error', () => undefined);
    impatient.end();
    await until(() => done === before + 1);
    const { open } = link;
    impatient.destroy();
    await until(() => link.open === open - 2);
    expect(answers.lost).toBe(0);
    await expect(fetch(`${url}/slow?answer`, { method: 'POST' })).rejects.toThrow();
    expect(answers.lost).toBe(1);
  });

  it('catches a request before the server has seen it, and does what has to happen before the caller hears of it', async () => {
    const before = done;
    let struck = false;
    const snare = link.snare(httpRequest(/^POST \/caught/), 'request', async () => {
      await new Promise((resolve) => setImmediate(resolve));
      struck = true;
    });
    const caller = fetch(`${url}/caught`, { method: 'POST' }).catch(() => ({ heardBehind: struck }));
    await snare.sprung;
    expect(await caller).toEqual({ heardBehind: true });
    expect(done).toBe(before);
    expect((await fetch(`${url}/caught`, { method: 'POST' })).status).toBe(200);
  });

  it('catches an answer behind the work of the server', async () => {
    const before = done;
    const snare = link.snare(httpRequest(/^POST \/caught/), 'answer', async () => expect(done).toBe(before + 1));
    await expect(fetch(`${url}/caught`, { method: 'POST' })).rejects.toThrow();
    await snare.sprung;
  });

  it('catches nothing once it is disarmed', async () => {
    link.snare(httpRequest(/^POST \/caught/), 'request', async () => undefined).disarm();
    expect((await fetch(`${url}/caught`, { method: 'POST' })).status).toBe(200);
  });

  it('resets its share of connections, before or behind the server, until it is stopped', async () => {
    const before = done;
    // Spared; reset before the server; reset behind it.
    const dice = [0.9, 0.1, 0.1, 0.1, 0.9];
    const resets = link.reset(0.5, () => dice.shift() ?? 1);
    const post = () => fetch(url, { method: 'POST', headers: { connection: 'close' } }).then(() => 'answered', code);
    expect([await post(), await post(), await post()]).toEqual(['answered', 'ECONNRESET', 'ECONNRESET']);
    await until(() => done === before + 2);
    expect(resets.count).toBe(2);
    resets.stop();
    expect(await post()).toBe('answered');
  });

  it('knows a commit and a produce request by their bytes', () => {
    const query = (text: string) => Buffer.concat([Buffer.from([0x51, 0, 0, 0, 11]), Buffer.from(`${text}\0`)]);
    expect([commit(query('COMMIT')), commit(query('select'))]).toEqual([expect.any(Function), undefined]);
    const ask = (key: number) => Buffer.from([0, 0, 0, 20, 0, key, 0, 7, 0, 0, 0, 42, 0]);
    expect(produce(ask(1))).toBeUndefined();
    const isAnswer = produce(ask(0));
    const by = (client: string) =>
      Buffer.concat([ask(0).subarray(0, 12), Buffer.from([0, client.length]), Buffer.from(client)]);
    expect(produceBy('porter')(by('porter-0'))).toBeUndefined();
    expect(produceBy('porter-0')(by('porter-0'))).toEqual(expect.any(Function));
    expect([
      isAnswer?.(Buffer.from([0, 0, 0, 9, 0, 0, 0, 41])),
      isAnswer?.(Buffer.from([0, 0, 0, 9, 0, 0, 0, 42])),
    ]).toEqual([false, true]);
  });
});

/** The code of the error that a failed fetch has inside. */
function code(error: Error): unknown {
  return (error.cause as { code?: unknown } | undefined)?.code;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
