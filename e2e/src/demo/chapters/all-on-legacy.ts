import { isDeepStrictEqual } from 'node:util';
import type { SeenAnswer } from '../../legacy-client.js';
import { callLegacy } from '../../legacy-client.js';
import type { Storyteller } from '../teller.js';

const CALLS: readonly (readonly [method: string, path: string, body?: unknown])[] = [
  ['GET', '/api/customers?page=1&size=100'],
  ['GET', '/api/products?page=1&size=100'],
  ['GET', '/api/orders?page=3&size=50'],
  ['GET', '/api/orders/10248'],
  ['GET', '/api/orders?PoNumber=nobody'],
  ['GET', '/api/suppliers'],
  ['GET', '/api/orders/99'],
  ['GET', '/no/such/page'],
  ['POST', '/api/orders', { CustomerID: 'NOONE' }],
];

/** Step 0: the proxy stands at legacy's address, and nobody can tell. */
export async function allOnLegacy(teller: Storyteller): Promise<void> {
  teller.chapter('A legacy client that now goes through the proxy gets what it gets directly');
  for (const [method, path, body] of CALLS) {
    const direct = await callLegacy(teller.world.urls.legacy, method, path, body);
    const through = await teller.legacyClient(method, path, body);
    const same = isDeepStrictEqual(through, direct);
    teller.checks.that(
      `${method} ${path}: the same bytes`,
      same,
      same ? inShort(direct) : `directly ${JSON.stringify(direct)}, through the proxy ${JSON.stringify(through)}`,
    );
  }
}

function inShort({ status, headers, bytes }: SeenAnswer): string {
  return `${status}, ${headers.length} headers, ${bytes.length} bytes`;
}
