import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
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

  it('and none is opened behind it: who asks for one is told that it failed', async () => {
    const sockets = new Sockets();
    sockets.end();
    const late = sockets.factory({ host: '127.0.0.1', port, ssl: undefined as never, onConnect: () => undefined });
    const [error] = (await once(late, 'error')) as [Error];
    expect([error.message, late.destroyed, accepted]).toEqual(['the log is closed', true, 0]);
  });
});
