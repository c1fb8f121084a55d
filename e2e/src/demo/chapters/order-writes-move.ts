import type { Storyteller } from '../teller.js';
import { type LegacyOrder, originAndOutcome, type Trace } from './an-order-goes-round.js';

interface MovePlan {
  readonly possible: boolean;
  readonly steps: readonly string[];
}

export interface MoveResult {
  readonly outcome: string;
  readonly entity: { readonly writeMode: string; readonly epoch: number };
}

/** An order that the data ships with and nobody has touched so far. */
export const OLD_ORDER = 11_070;

/** Step 3: legacy's callers write orders through V2, without a line changed in their code. */
export async function orderWritesMove(teller: Storyteller): Promise<void> {
  const { checks } = teller;
  teller.chapter('Writes of orders move: legacy calls take a round trip through V2');
  const plan = await teller.banyan<MovePlan>('entities authority order --to new --dry-run');
  checks.equal('a dry run names the steps', [plan.possible, plan.steps.at(-1)], [true, 'MoveAnnounced']);
  checks.equal('and moves nothing', await writesOf(teller, 'order'), 'legacy');
  const moved = await teller.banyan<MoveResult>('entities authority order --to new');
  checks.equal('banyan entities authority order --to new', [moved.outcome, moved.entity.writeMode], ['moved', 'new']);

  const order = {
    CustomerID: 'BERGS',
    PoNumber: 'DEMO-1',
    Details: [{ ProductID: 11, UnitPrice: 14, Quantity: 3, Discount: 0 }],
  };
  const answer = await teller.legacyClientAgain('POST', '/api/orders', order);
  checks.that('the unchanged legacy client orders, and is answered 201', /^201/.test(answer.status), answer.status);
  const { OrderID } = JSON.parse(answer.body) as LegacyOrder;
  const inLegacy = await teller.legacyItself(`/api/orders/${OrderID}`);
  checks.equal('with legacy\u2019s own id and row', answer.body, inLegacy.body);
  const trace = await teller.banyan<Trace>(`trace order ${OrderID}`);
  checks.equal('it was born in V2', trace.events.map(originAndOutcome), ['api effective']);
  const again = await teller.legacyClientAgain('POST', '/api/orders', order);
  checks.equal('sent blindly again, it is the same order', JSON.parse(again.body).OrderID, OrderID);

  const path = `/api/orders/${OLD_ORDER}`;
  const before = await teller.banyan<Trace>(`trace order ${OLD_ORDER}`);
  checks.equal(`V2 has never heard of order ${OLD_ORDER}`, [before.v2, before.events.length], [null, 0]);
  const row = JSON.parse((await teller.legacyItself(path)).body) as object;
  const changed = await teller.legacyClientAgain('PUT', path, { ...row, ShipName: 'By way of V2' });
  checks.that('the legacy client changes it', /^200/.test(changed.status), changed.status);
  const after = await teller.banyan<Trace>(`trace order ${OLD_ORDER}`);
  checks.equal('V2 adopted it, then changed it', after.events.map(originAndOutcome), [
    'adoption effective',
    'api effective',
  ]);
  checks.equal('legacy has the change', (await teller.legacyItself(path)).body, changed.body);
}

export async function writesOf(teller: Storyteller, name: string): Promise<string | undefined> {
  const all = await teller.banyan<readonly { entity: string; writeMode: string }[]>('entities list');
  return all.find(({ entity }) => entity === name)?.writeMode;
}
