import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { BODY_LIMIT_BYTES, type ReadBody, readBody } from './read-body.js';

const IDLE_MS = 100;
const WHOLE_MS = 6 * IDLE_MS;

let server: Server;
let read: Promise<ReadBody>;
let reading: Promise<IncomingMessage>;
let client: Socket;

beforeEach(async () => {
  // The sockets are real; of the timers only those of the reader's limits are here, and they go by the test.
  jest.useFakeTimers({
    doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'clearImmediate', 'performance', 'Date'],
  });
  const began = Promise.withResolvers<IncomingMessage>();
  const ended = Promise.withResolvers<ReadBody>();
  [reading, read] = [began.promise, ended.promise];
  server = createServer((request, response) => {
    ended.resolve(readBody(request, IDLE_MS));
    began.resolve(request);
    void read.then(() => response.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('error', () => undefined);
});

afterEach(async () => {
  jest.useRealTimers();
  client.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const head = (length: number): string => `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`;

/** Sends a piece of the body, and resolves when the reader has it. */
async function piece(text: string): Promise<void> {
  const request = await reading;
  const arrived = new Promise((resolve) => request.once('data', resolve));
  client.write(text);
  await arrived;
}

describe('a body', () => {
  it('is read whole, with pauses below the limit', async () => {
    client.write(head(6));
    for (const text of ['ab', 'cd', 'ef']) {
      await piece(text);
      jest.advanceTimersByTime(IDLE_MS - 1);
    }
    expect(await read).toEqual({ body: Buffer.from('abcdef') });
  });

  it('is given up when the client says nothing any more and does not hang up', async () => {
    client.write(head(4));
    await piece('ab');
    jest.advanceTimersByTime(IDLE_MS);
    expect(await read).toEqual({ problem: 'too-slow' });
  });

  it('is given up when it only trickles', async () => {
    client.write(head(1_000));
    for (let ms = 0; ms < WHOLE_MS; ms += IDLE_MS / 2) {
      await piece('x');
      jest.advanceTimersByTime(IDLE_MS / 2);
    }
    expect(await read).toEqual({ problem: 'too-slow' });
  });

  it('is broken off when the client hangs up', async () => {
    client.write(head(4));
    await piece('ab');
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
