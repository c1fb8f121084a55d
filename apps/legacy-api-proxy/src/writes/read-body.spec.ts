import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BODY_LIMIT_BYTES, type ReadBody, readBody } from './read-body.js';

const IDLE_MS = 100;

let server: Server;
let read: Promise<ReadBody>;
let client: Socket;

beforeEach(async () => {
  const began = Promise.withResolvers<ReadBody>();
  read = began.promise;
  server = createServer((request, response) => {
    began.resolve(readBody(request, IDLE_MS));
    void read.then(() => response.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('error', () => undefined);
});

afterEach(async () => {
  client.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const head = (length: number): string => `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`;

describe('a body', () => {
  it('is read whole, with pauses below the limit', async () => {
    client.write(`${head(4)}ab`);
    await delay(IDLE_MS / 2);
    client.write('cd');
    expect(await read).toEqual({ body: Buffer.from('abcd') });
  });

  it('is given up when the client says nothing any more and does not hang up', async () => {
    client.write(`${head(4)}ab`);
    expect(await read).toEqual({ problem: 'too-slow' });
  });

  it('is given up when it only trickles', async () => {
    client.write(head(1_000));
    const drip = setInterval(() => client.write('x'), IDLE_MS / 4);
    expect(await read).toEqual({ problem: 'too-slow' });
    clearInterval(drip);
  });

  it('is broken off when the client hangs up', async () => {
    client.write(`${head(4)}ab`);
    await delay(IDLE_MS / 4);
    client.destroy();
    expect(await read).toEqual({ problem: 'broken-off' });
  });

  it('over the limit is told as such, and the caller gets its answer', async () => {
    client.write(head(2 * BODY_LIMIT_BYTES));
    client.write(Buffer.alloc(2 * BODY_LIMIT_BYTES));
    expect(await read).toEqual({ problem: 'too-large' });
    const answer = await new Promise<Buffer>((resolve) => client.once('data', resolve));
    expect(String(answer)).toContain('HTTP/1.1 200');
  });
});
