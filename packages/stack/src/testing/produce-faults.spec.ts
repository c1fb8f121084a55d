import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FaultyLink } from './faulty-link.js';
import { type ProduceFault, ProduceFaults } from './produce-faults.js';

const [PRODUCE, METADATA] = [0, 3];

/** A broker that answers each request with its correlation id and `done`, and remembers what it was asked. */
describe('faults of produce requests', () => {
  let broker: Server;
  let link: FaultyLink;
  let faults: ProduceFaults;
  let asked: number[];
  let clients: Client[];

  beforeEach(async () => {
    asked = [];
    clients = [];
    faults = new ProduceFaults();
    broker = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (sent) => {
        for (let at = 0; at < sent.length; at += 4 + sent.readInt32BE(at)) {
          const correlation = sent.readInt32BE(at + 8);
          asked.push(correlation);
          socket.write(frame(int32(correlation), Buffer.from('done')));
        }
      });
    }).listen(0, '127.0.0.1');
    await once(broker, 'listening');
    const address = `127.0.0.1:${(broker.address() as AddressInfo).port}`;
    link = await FaultyLink.to(address, faults.wire);
    await link.up();
  });

  afterEach(async () => {
    for (const client of clients) client.socket.destroy();
    await link.down();
    broker.close();
  });

  async function client(): Promise<Client> {
    const made = new Client(connect({ host: '127.0.0.1', port: link.port }));
    clients.push(made);
    await once(made.socket, 'connect');
    return made;
  }

  it('lets everything through that is not meant, also when TCP cuts it anywhere', async () => {
    const one = await client();
    faults.arm('request-lost');
    const bytes = request(METADATA, 1);
    one.socket.write(bytes.subarray(0, 6));
    await new Promise((resolve) => setImmediate(resolve));
    one.socket.write(Buffer.concat([bytes.subarray(6), request(METADATA, 2)]));
    await one.answers([1, 2]);
    expect(faults.requests).toBe(0);
  });

  it.each<[ProduceFault, string | undefined, boolean]>([
    ['answer-lost', undefined, true],
    ['answer-reset', 'ECONNRESET', true],
    ['answer-cut', undefined, true],
    ['answer-cut-reset', 'ECONNRESET', true],
    ['request-lost', undefined, false],
  ])('%s: the connection ends, and the broker has done its work or not', async (fault, code, isDone) => {
    const one = await client();
    const armed = faults.arm(fault);
    one.socket.write(request(METADATA, 1));
    await one.answers([1]);
    one.socket.write(Buffer.concat([request(PRODUCE, 2), request(PRODUCE, 3)]));
    await one.ended;
    expect([one.error?.code, asked.includes(2), armed.hits]).toEqual([code, isDone, 1]);
    expect(one.received.length - frame(int32(1), Buffer.from('done')).length).toBe(
      fault.startsWith('answer-cut') ? 6 : 0,
    );
    const two = await client();
    two.socket.write(request(PRODUCE, 4));
    await two.answers([4]);
  });

  it('answer-swallowed and request-swallowed: the connection stays, and others are answered', async () => {
    const one = await client();
    faults.arm('answer-swallowed');
    faults.arm('request-swallowed');
    one.socket.write(Buffer.concat([request(PRODUCE, 1), request(PRODUCE, 2), request(PRODUCE, 3)]));
    await one.answers([3]);
    expect(asked).toEqual([1, 3]);
  });

  it('answer-late and request-late: it comes, and what is behind it behind it', async () => {
    const one = await client();
    faults.arm('answer-late', { lateMs: 100 });
    const beganMs = performance.now();
    one.socket.write(Buffer.concat([request(PRODUCE, 1), request(METADATA, 2)]));
    await one.answers([1, 2]);
    expect(performance.now() - beganMs).toBeGreaterThan(95);
    const armed = faults.arm('request-late', { lateMs: 100 });
    const hit = armed.hit();
    one.socket.write(Buffer.concat([request(PRODUCE, 3), request(METADATA, 4)]));
    await hit;
    expect(asked).toEqual([1, 2]);
    await one.answers([1, 2, 3, 4]);
    expect(asked).toEqual([1, 2, 3, 4]);
  });

  it('request-late: it comes, though its sender has gone by then', async () => {
    const one = await client();
    const armed = faults.arm('request-late', { lateMs: 100 });
    const hit = armed.hit();
    one.socket.write(request(PRODUCE, 1));
    await hit;
    one.socket.destroy();
    await one.ended;
    expect(asked).toEqual([]);
    const two = await client();
    for (let id = 2; !asked.includes(1); id += 1) {
      two.received = Buffer.alloc(0);
      two.socket.write(request(METADATA, id));
      await two.answers([id]);
    }
  });

  it('connection-silent: the connection stays, and nothing comes through any more', async () => {
    const one = await client();
    faults.arm('connection-silent');
    one.socket.write(Buffer.concat([request(PRODUCE, 1), request(METADATA, 2)]));
    const two = await client();
    two.socket.write(request(PRODUCE, 3));
    await two.answers([3]);
    expect([asked, one.received.length, one.socket.destroyed]).toEqual([[3], 0, false]);
  });

  it('hits as often as it is told, and not when it was disarmed', async () => {
    const one = await client();
    const armed = faults.arm('answer-swallowed', { times: 2 });
    one.socket.write(Buffer.concat([1, 2, 3].map((id) => request(PRODUCE, id))));
    await one.answers([3]);
    faults.arm('answer-swallowed');
    faults.disarm();
    one.socket.write(request(PRODUCE, 4));
    await one.answers([3, 4]);
    expect(armed.hits).toBe(2);
  });
});

class Client {
  received = Buffer.alloc(0);
  error: NodeJS.ErrnoException | undefined;
  readonly ended: Promise<unknown>;

  constructor(readonly socket: Socket) {
    socket.on('error', (error) => {
      this.error = error;
    });
    socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk]);
    });
    this.ended = new Promise((resolve) => socket.once('close', resolve));
  }

  async answers(correlations: readonly number[]): Promise<void> {
    const whole = Buffer.concat(correlations.map((id) => frame(int32(id), Buffer.from('done'))));
    while (this.received.length < whole.length) await once(this.socket, 'data');
    expect(this.received).toEqual(whole);
  }
}

function request(apiKey: number, correlation: number): Buffer {
  const head = Buffer.alloc(4);
  head.writeInt16BE(apiKey);
  return frame(head, int32(correlation), Buffer.from('what is asked'));
}

function frame(...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([int32(body.length), body]);
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}
