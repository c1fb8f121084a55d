import { proxyStatus } from '../../proxy-status.js';
import { until } from '../../until.js';
import type { Storyteller } from '../teller.js';
import type { Trace } from './an-order-goes-round.js';
import { backfill, verifiedIdentical } from './old-data-moves.js';
import type { Refusal } from './writes-come-back.js';

const CUSTOMERS = 91;
const PATH = '/api/customers/ANTON';

/** Step 4, the backend's side: customers no longer go to legacy; and then they do again. */
export async function aPortIsSwitched(teller: Storyteller): Promise<void> {
  const { checks } = teller;
  teller.chapter('The port of customers is switched off: nothing goes to that backend any more');
  const early = await teller.banyan<Refusal>('ports off customer.backend', 4);
  checks.equal('not while legacy takes part', early.error.code, 'OPERATIONS_REFUSED');
  await teller.banyan('entities authority customer --to new');
  await backfill(teller, 'customer');
  await verifiedIdentical(teller, 'customer', CUSTOMERS);
  await teller.banyan('routes set customer.list new');
  await teller.banyan('routes set customer.one new');
  await teller.banyan('ports off customer.backend');
  await portIs(teller, 'off');

  const row = JSON.parse((await teller.legacyItself(PATH)).body) as object;
  const changed = await teller.legacyClientAgain('PUT', PATH, { ...row, ContactTitle: 'Chief' });
  checks.that('a legacy client changes a customer', /^200/.test(changed.status), changed.status);
  checks.that('V2 answers with the change', titleIn(changed.body) === 'Chief', `ContactTitle ${titleIn(changed.body)}`);
  checks.equal('so does a read', titleIn((await teller.legacyClient('GET', PATH)).body), 'Chief');
  checks.equal('legacy has heard nothing', titleIn((await teller.legacyItself(PATH)).body), 'Owner');
  const receipts = await until('a receipt says why', async () => {
    const trace = await teller.banyan<Trace>('trace customer ANTON');
    const found = trace.receipts.map(({ outcome, reason }) => `${outcome}: ${reason}`);
    return found.length > 0 ? found : undefined;
  });
  checks.equal('its receipt', receipts, ['skipped: port off']);

  teller.chapter('… and on again: legacy gets what changed meanwhile');
  await teller.banyan('ports on customer.backend');
  await portIs(teller, 'on');
  await teller.untilQuiet();
  const inLegacy = JSON.parse((await teller.legacyItself(PATH)).body) as object;
  checks.equal('legacy has the change, and the rest of the row as it was', inLegacy, { ...row, ContactTitle: 'Chief' });
  await verifiedIdentical(teller, 'customer', CUSTOMERS);
}

function titleIn(body: string): unknown {
  return (JSON.parse(body) as { ContactTitle?: unknown }).ContactTitle;
}

/** Both who send and who wait for a send have to have heard of it. */
async function portIs(teller: Storyteller, mode: string): Promise<void> {
  await until(`porter and proxy have it ${mode}`, async () => {
    const porter = await fetch(`${teller.world.urls['legacy-porter']}/internal/status`);
    const { consumers } = (await porter.json()) as { consumers: { consumer: string; port: string }[] };
    const sends = consumers.find(({ consumer }) => consumer === 'customer.backend')?.port;
    const { ports } = await proxyStatus(teller.world);
    return sends === mode && ports['customer.backend'] === mode ? true : undefined;
  });
}
