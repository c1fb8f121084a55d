import type { SeenAnswer } from '../../legacy-client.js';
import { comparisonsByVerdict, proxyStatus, readsByWay } from '../../proxy-status.js';
import { until } from '../../until.js';
import type { Storyteller } from '../teller.js';

export const ORDER_READS = ['order.list', 'order.one'] as const;

const READS = [
  '/api/orders?page=1&size=100',
  '/api/orders?page=9&size=100',
  '/api/orders?PoNumber=DEMO-1',
  '/api/orders?CustomerID=BERGS',
  '/api/orders?size=0',
  '/api/orders/10248',
  '/api/orders/11070',
  '/api/orders/11077',
  '/api/orders/99',
  '/api/orders/abc',
];

/** Step 4, reads: compared behind the caller's back first, then answered by V2; and one client says goodbye to legacy. */
export async function readsMove(teller: Storyteller): Promise<void> {
  const { checks } = teller;
  teller.chapter('Reads of orders are shadowed: legacy answers, V2 is asked behind it');
  await setReads(teller, 'shadow');
  for (const path of READS) await teller.legacyClient('GET', path);
  const compared = await until('every read was compared', async () => {
    const verdicts = await comparisonsByVerdict(teller.world);
    const all = [...verdicts.values()].reduce((sum, count) => sum + count, 0);
    return all >= READS.length ? verdicts : undefined;
  });
  checks.equal(`${READS.length} reads compared`, [...compared], [['same', READS.length]]);
  checks.equal('mismatches', await teller.banyan('mismatches list'), []);

  teller.chapter('… then V2 answers them, in legacy\u2019s words');
  await setReads(teller, 'new');
  const differing: string[] = [];
  for (const path of READS) {
    const [v2, legacy] = [heard(await teller.legacyClient('GET', path)), heard(await teller.legacyItself(path))];
    if (v2 !== legacy) differing.push(`${path}: ${v2} instead of ${legacy}`);
  }
  checks.equal(`${READS.length} reads answered by V2, unlike legacy`, differing, []);
  checks.equal('it was V2 that answered', (await readsByWay(teller.world)).get('new'), READS.length);

  teller.chapter('One client leaves legacy behind: it orders at the new API, legacy\u2019s clients see it');
  const placed = await teller.newApi(
    'POST',
    '/v2/orders',
    { customer: { legacyId: 'CHOPS' }, poNumber: 'DEMO-2', lines: [{ product: { legacyId: '3' }, quantity: 4 }] },
    { 'idempotency-key': 'demo-moved-client', 'banyan-wait-for': 'ported' },
  );
  checks.equal('its order is taken', placed.status, 201);
  const found = await until('it is found', async () => {
    const rows = JSON.parse((await teller.legacyClient('GET', '/api/orders?PoNumber=DEMO-2')).body) as unknown[];
    return rows.length > 0 ? rows : undefined;
  });
  checks.equal('a legacy client finds it, once', found.length, 1);
}

export async function setReads(teller: Storyteller, mode: string): Promise<void> {
  for (const route of ORDER_READS) await teller.banyan(`routes set ${route} ${mode}`);
  // The CLI returns when the change is in the log; the proxy hears of it a moment later.
  await until(`the proxy has ${mode}`, async () => {
    const { reads } = await proxyStatus(teller.world);
    return ORDER_READS.every((route) => reads[route] === mode) ? true : undefined;
  });
}

function heard({ status, headers, body }: SeenAnswer): string {
  const kept = headers.filter((line) => /^(content-type|x-total-count):/i.test(line)).map((line) => line.toLowerCase());
  return JSON.stringify([status, kept.sort(), body]);
}
