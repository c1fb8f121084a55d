import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createClient } from './client.js';
import { Sockets } from './sockets.js';

let server: Server;
let port: number;
let accepted: number;

beforeEach(async () => {
  accepted = 0;
  server = createServer((socket) => {
    accepted += 1;
    socket.on('error', () => undefined).resume();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});

afterEach(() => {
  jest.restoreAllMocks();
  server.close();
});

const connect = async (sockets: Sockets) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = sockets.factory({ host: '127.0.0.1', port, ssl: undefined as never, onConnect: () => resolve() });
  await promise;
  return socket;
};

describe('the sockets of a client', () => {
  it('are open until their end, all of them', async () => {
    const sockets = new Sockets();
    const [first, second] = [await connect(sockets), await connect(sockets)];
    expect([first.destroyed, second.destroyed, accepted]).toEqual([false, false, 2]);
    sockets.end();
    expect([first.destroyed, second.destroyed]).toEqual([true, true]);
  });

  it('and nothing of kafkajs goes on behind it, as its look at open requests every 100 ms would', async () => {
    const [made, cleared] = [jest.spyOn(globalThis, 'setInterval'), jest.spyOn(globalThis, 'clearInterval')];
    const sockets = new Sockets();
    const client = createClient({
      brokers: [`127.0.0.1:${port}`],
      clientId: 'any',
      requestTimeoutMs: 600_000,
      sockets,
    });
    const connecting = client.admin().connect();
    // Connected, as the request shows, which is never answered.
    await once((await once(server, 'connection'))[0], 'data');
    sockets.end();
    await expect(connecting).rejects.toThrow();
    const looks = made.mock.results.map(({ value }) => value as NodeJS.Timeout);
    expect(looks).not.toEqual([]);
    for (const look of looks) expect(cleared).toHaveBeenCalledWith(look);
  });

  it('and none is opened behind it: who asks for one is told that it failed', async () => {
    const sockets = new Sockets();
    sockets.end();
    const late = sockets.factory({ host: '127.0.0.1', port, ssl: undefined as never, onConnect: () => undefined });
    const [error] = (await once(late, 'error')) as [Error];
    expect([error.message, late.destroyed, accepted]).toEqual(['the log is closed', true, 0]);
  });
});
