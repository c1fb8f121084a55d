import { createRequire } from 'node:module';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { Connection, RequestQueue, socketFactory } from './internals.js';
import { patchKafkajs } from './patches.js';

const require = createRequire(import.meta.url);
const Encoder = require('kafkajs/src/protocol/encoder') as new () => { writeInt32(n: number): unknown };

interface Answer {
  readonly payload: Buffer;
}
interface LiveConnection {
  connect(): Promise<boolean>;
  disconnect(): Promise<boolean>;
  send(protocol: object): Promise<Buffer>;
}
const LiveConnection = Connection as unknown as new (options: object) => LiveConnection;

describe('the patches of kafkajs', () => {
  it('let a connection work again that was reset in the middle of a response', async () => {
    patchKafkajs();
    const answers: ((socket: Socket, request: Buffer) => void)[] = [resetInsideResponse, answerWhole];
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      const answer = answers.shift();
      socket.once('data', (request) => answer?.(socket, request));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const connection = connectionTo((server.address() as AddressInfo).port);
    await connection.connect();
    await expect(connection.send(PROTOCOL)).rejects.toThrow();
    await connection.connect();
    await expect(connection.send(PROTOCOL)).resolves.toEqual(Buffer.from('whole'));
    await connection.disconnect();
    server.close();
  }, 20_000);

  it('arm no timer when nothing waits', () => {
    patchKafkajs();
    const queue = Object.assign(Object.create(RequestQueue.prototype), {
      throttleCheckTimeoutId: null,
      throttledUntil: -1,
      pending: [],
    });
    queue.scheduleCheckPendingRequests();
    expect(queue.throttleCheckTimeoutId).toBeNull();
    queue.throttledUntil = Date.now() + 60_000;
    queue.scheduleCheckPendingRequests();
    expect(queue.throttleCheckTimeoutId).not.toBeNull();
    clearTimeout(queue.throttleCheckTimeoutId);
  });
});

const PROTOCOL = {
  request: { apiKey: 18, apiVersion: 0, apiName: 'Test', encode: async () => new Encoder() },
  response: { decode: async (payload: Buffer) => ({ payload }), parse: async ({ payload }: Answer) => payload },
};

function connectionTo(port: number): LiveConnection {
  const logger = { info() {}, warn() {}, error() {}, debug() {}, namespace: () => logger };
  return new LiveConnection({
    host: '127.0.0.1',
    port,
    logger,
    socketFactory: socketFactory(),
    requestTimeout: 2_000,
    connectionTimeout: 2_000,
    clientId: 'spec',
  });
}

/** Announces 100 bytes, sends ten, and resets. */
function resetInsideResponse(socket: Socket): void {
  const part = Buffer.alloc(14);
  part.writeInt32BE(100);
  socket.write(part, () => setTimeout(() => socket.resetAndDestroy(), 50));
}

function answerWhole(socket: Socket, request: Buffer): void {
  const text = Buffer.from('whole');
  const head = Buffer.alloc(8);
  head.writeInt32BE(4 + text.length);
  // size, api key, api version, then the correlation id
  head.writeInt32BE(request.readInt32BE(8), 4);
  socket.write(Buffer.concat([head, text]));
}
