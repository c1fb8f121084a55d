import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { forgetPorter, listPorters } from './porters.js';
import type { AppAddress } from './status.js';

const DEAD: AppAddress = { app: 'legacy-porter', url: 'http://127.0.0.1:9' };
const PROJECTOR: AppAddress = { app: 'v2-projector', url: 'http://127.0.0.1:9' };
const servers: Server[] = [];
let heard: { readonly path: string | undefined; readonly token: string | undefined; readonly body: string }[] = [];

/** A porter that answers everything so. */
async function porter(status: number, answer: object): Promise<AppAddress> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    heard.push({ path: request.url, token: request.headers.authorization, body });
    response.statusCode = status;
    response.end(JSON.stringify(answer));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { app: 'legacy-porter', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  heard = [];
});

describe('porters', () => {
  it('are listed by the first one that answers', async () => {
    const alive = await porter(200, { porters: [{ name: 'porter-1' }] });
    expect(await listPorters([PROJECTOR, DEAD, alive])).toEqual([{ name: 'porter-1' }]);
  });

  it('are away when none of them answers', async () => {
    await expect(listPorters([DEAD, PROJECTOR])).rejects.toMatchObject({ code: 'OPERATIONS_APP_AWAY' });
    await expect(listPorters([])).rejects.toMatchObject({ code: 'OPERATIONS_APP_AWAY' });
  });

  it('are forgotten through another one, which may want a token', async () => {
    const alive = await porter(200, { forgotten: 'porter-0', sends: 2 });
    expect(await forgetPorter([DEAD, alive], 'porter-0', 'secret')).toEqual({ forgotten: 'porter-0', sends: 2 });
    expect(heard).toEqual([{ path: '/internal/porters/forget', token: 'Bearer secret', body: '{"name":"porter-0"}' }]);
  });

  it.each([
    [409, 'porter-0 has shown itself in the last seconds; stop it first.'],
    [404, 'No porter is called porter-0.'],
  ])('are not forgotten while they live, or never were there (HTTP %i)', async (status, detail) => {
    await expect(forgetPorter([await porter(status, { detail })], 'porter-0')).rejects.toMatchObject({
      code: 'OPERATIONS_REFUSED',
      message: expect.stringContaining(detail),
    });
  });

  it('say why they refuse a command for another reason', async () => {
    const closed = await porter(401, { detail: 'This command needs the token of this app: set OPERATOR_TOKEN.' });
    await expect(forgetPorter([closed], 'porter-0')).rejects.toMatchObject({ code: 'OPERATIONS_APP_REFUSED' });
  });
});
