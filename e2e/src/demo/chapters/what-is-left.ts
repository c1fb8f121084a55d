import { until } from '../../until.js';
import type { Storyteller } from '../teller.js';
import { originAndOutcome, type PlacedOrder, type Trace } from './an-order-goes-round.js';
import { setReads } from './reads-move.js';

interface Readiness {
  readonly ready: boolean;
  readonly items: readonly {
    readonly entity: string;
    readonly what: string;
    readonly ok: boolean;
    readonly evidence: string;
  }[];
}

/** Step 6: legacy's routes go, and `readiness` says what is left. */
export async function whatIsLeft(teller: Storyteller, first: PlacedOrder): Promise<void> {
  const { checks } = teller;
  teller.chapter('Legacy\u2019s routes of orders go');
  await setReads(teller, 'gone');
  await teller.banyan('entities authority order --to gone');
  const gone = await until('the proxy has heard of it', async () => {
    const answer = await teller.legacyClient('POST', '/api/orders', {});
    return /^410/.test(answer.status) ? answer : undefined;
  });
  checks.that('a write is answered 410, with a pointer', gone.body.includes('/docs'), gone.body);
  const read = await teller.legacyClient('GET', '/api/orders/10248');
  checks.that('so is a read', /^410/.test(read.status), read.status);
  const inV2 = await teller.newApi('GET', `/v2/orders/${first.id}`);
  checks.equal('the new API goes on', [inV2.status, inV2.body.legacyId], [200, first.legacyId]);

  teller.chapter('What is left before legacy can go');
  const { ready, items } = await teller.banyan<Readiness>('readiness', 3);
  const left = items.filter(({ ok }) => !ok);
  for (const { entity, what, evidence } of left) teller.say(`  left: ${entity}, ${what}: ${evidence}`);
  const named = (entity: string) => left.filter((item) => item.entity === entity).map(({ what }) => what);
  checks.equal('legacy cannot go yet', ready, false);
  checks.equal('customers only need their port off', named('customer'), ['ports']);
  checks.equal('orders their port, and a look in this epoch', named('order'), ['ports', 'verified']);
  checks.equal('products have not moved', named('product'), ['writes', 'reads', 'ports']);

  teller.chapter('What happened to one order can be told');
  const trace = await teller.banyan<Trace>(`trace order ${first.id}`);
  const effective = trace.events.filter(({ outcome }) => outcome === 'effective');
  checks.equal(
    'it was born in V2, and taken over from legacy in the epoch that was legacy\u2019s',
    effective.map(originAndOutcome),
    ['api effective', 'backfill effective'],
  );
  checks.equal('it is linked', trace.legacyId, first.legacyId);
  const status = await teller.banyan<{ quiet: boolean }>('status');
  checks.equal('nothing lags, waits or is parked', status.quiet, true);
}
