import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createPorterClient } from './porter-client.js';

let server: Server;
let asked: string[];
let answer: (url: URL) => { status: number; body: unknown };

beforeEach(async () => {
  asked = [];
  answer = (url) => ({
    status: 200,
    body: {
      links: (url.searchParams.get('legacyIds') ?? '')
        .split(',')
        .map((legacyId) => ({ entity: 'order', key: 'k', legacyId })),
    },
  });
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const { status, body } = answer(new URL(request.url ?? '/', 'http://porter'));
    response.writeHead(status).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const client = () => createPorterClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` });

describe('createPorterClient', () => {
  it('asks for many links in requests of a hundred, and not at all for none', async () => {
    const ids = Array.from({ length: 250 }, (_, index) => String(10248 + index));
    expect((await client().links('order', { legacyIds: ids })).map((link) => link.legacyId)).toEqual(ids);
    expect(asked).toHaveLength(3);
    expect(await client().links('order', { keys: [] })).toEqual([]);
    expect(asked).toHaveLength(3);
  });

  it('is retryable when the porter is away or answers with an error', async () => {
    answer = () => ({ status: 503, body: { detail: 'starting' } });
    await expect(client().intents('order')).rejects.toMatchObject({
      code: 'IMPORT_PORTER_AWAY',
      retryable: true,
      message: expect.stringContaining('starting'),
    });
    const nobody = createPorterClient({ url: 'http://127.0.0.1:1' });
    await expect(nobody.intents('order')).rejects.toMatchObject({ code: 'IMPORT_PORTER_AWAY', retryable: true });
  });
});
