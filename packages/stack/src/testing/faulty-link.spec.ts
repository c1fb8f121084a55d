import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { commit, FaultyLink, httpRequest, produce } from './faulty-link.js';

describe('a faulty link', () => {
  let server: Server;
  let link: FaultyLink;
  let url: string;
  let done = 0;

  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.method === 'POST') done += 1;
      response.end(String(done));
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

  it('knows a commit and a produce request by their bytes', () => {
    const query = (text: string) => Buffer.concat([Buffer.from([0x51, 0, 0, 0, 11]), Buffer.from(`${text}\0`)]);
    expect([commit(query('COMMIT')), commit(query('select'))]).toEqual([expect.any(Function), undefined]);
    const ask = (key: number) => Buffer.from([0, 0, 0, 20, 0, key, 0, 7, 0, 0, 0, 42, 0]);
    expect(produce(ask(1))).toBeUndefined();
    const isAnswer = produce(ask(0));
    expect([
      isAnswer?.(Buffer.from([0, 0, 0, 9, 0, 0, 0, 41])),
      isAnswer?.(Buffer.from([0, 0, 0, 9, 0, 0, 0, 42])),
    ]).toEqual([false, true]);
  });
});
