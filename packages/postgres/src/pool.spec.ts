import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, it } from '@jest/globals';
import { createPool, type Pool, query, transaction } from './pool.js';

let server: Server | undefined;
let pool: Pool | undefined;

afterEach(async () => {
  await pool?.end();
  server?.close();
});

/**
 * A process that was kept waiting finds several answers in one piece: the one that ends a statement and, behind it, the server's last
 * words. Whoever waits for the connection has it between the two, and has had no time to listen for its errors.
 */
it('a connection that breaks while it is handed to the next one is an error of the next one, and no crash', async () => {
  pool = await poolAt(await dyingServer('its first statement is done'));
  const [first, second] = await Promise.allSettled([query(pool, 'select 1'), transaction(pool, async () => undefined)]);
  expect(first.status).toBe('fulfilled');
  expect(second).toMatchObject({ status: 'rejected', reason: { code: 'POSTGRES_UNAVAILABLE' } });
});

it('a connection that breaks as soon as it is made is an error of whoever asked for it, and no crash', async () => {
  pool = await poolAt(await dyingServer('connected'));
  await expect(transaction(pool, async () => undefined)).rejects.toMatchObject({ code: 'POSTGRES_UNAVAILABLE' });
});

async function poolAt(port: number): Promise<Pool> {
  return createPool({ url: `postgres://somebody@127.0.0.1:${port}/any`, applicationName: 'pool-spec', max: 1 });
}

const AUTHENTICATED = message('R', Buffer.from([0, 0, 0, 0]));
const READY = message('Z', Buffer.from('I'));
const DONE = message('C', Buffer.from('SELECT 0\0'));
/** https://www.postgresql.org/docs/18/protocol-error-fields.html; the state is that of a server whose postmaster is gone. */
const LAST_WORDS = message('E', Buffer.from('SFATAL\0VFATAL\0C57P01\0Mterminating connection\0\0'));

/** A server that speaks just enough of the protocol to die in one piece with an answer. */
async function dyingServer(when: 'connected' | 'its first statement is done'): Promise<number> {
  const dies = (socket: Socket, ...messages: Buffer[]) => socket.end(Buffer.concat([...messages, LAST_WORDS]));
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      if (when === 'connected') return dies(socket, AUTHENTICATED, READY);
      socket.write(Buffer.concat([AUTHENTICATED, READY]));
      return socket.once('data', () => dies(socket, DONE, READY));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

function message(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
}
