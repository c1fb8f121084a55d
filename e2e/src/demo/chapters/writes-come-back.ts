import { MOVED, SOURCE_ROWS, type Storyteller } from '../teller.js';
import { backfill, bucket, verifiedIdentical } from './old-data-moves.js';
import { type MoveResult, OLD_ORDER } from './order-writes-move.js';
import { setReads } from './reads-move.js';

/** The third order was placed by the client that has left legacy. */
const ORDERS = 830 + 3;
/** Those three, and the old one. */
const WRITTEN_BY_V2 = 4;

/** Step 4, the way back: legacy decides again, V2 catches up, and the move is made once more. */
export async function writesComeBack(teller: Storyteller): Promise<void> {
  const { checks } = teller;
  teller.chapter('Writes of orders are handed back to legacy');
  const refused = await teller.banyan<Refusal>('entities authority order --to legacy', 4);
  checks.equal('not while V2 answers reads', refused.error.code, 'AUTHORITY_REFUSED');
  await setReads(teller, 'legacy');
  const back = await teller.banyan<MoveResult>('entities authority order --to legacy');
  checks.equal(
    'banyan entities authority order --to legacy',
    [back.outcome, back.entity.writeMode],
    ['moved', 'legacy'],
  );

  const path = `/api/orders/${OLD_ORDER}`;
  const row = JSON.parse((await teller.legacyItself(path)).body) as object;
  const direct = await teller.legacyClientAgain('PUT', path, { ...row, ShipName: 'Directly again' });
  checks.that('a legacy client changes an order directly', /^200/.test(direct.status), direct.status);
  const held = await teller.newApi('POST', `/v2/orders/legacy:${OLD_ORDER}/ship`, {});
  checks.equal('the new API does not', [held.status, held.body.code], [409, 'ENTITY_HELD_BY_LEGACY']);
  const behind = await teller.banyan<{ verdict: string }>('verify order', 3);
  checks.equal('V2 is behind, and verify says so', behind.verdict, 'different');

  teller.chapter('… a backfill brings V2 up to date, and writes move again');
  const run = await backfill(teller, 'order');
  // V2 kept no hash of rows that it wrote itself: each of them is read again, the one that legacy changed among them.
  checks.equal('it takes over the orders that V2 had written', bucket(run, 'imported'), WRITTEN_BY_V2);
  await verifiedIdentical(teller, 'order', ORDERS);
  const again = await teller.banyan<MoveResult>('entities authority order --to new');
  checks.equal('banyan entities authority order --to new', [again.outcome, again.entity.writeMode], ['moved', 'new']);
  const shipped = await teller.legacyClientAgain('POST', `${path}/ship`, { ShippedDate: '1998-05-08', ShipVia: 2 });
  checks.that('a legacy client ships that order through V2', /^200/.test(shipped.status), shipped.status);
  checks.that('with what legacy made of it', shipped.body.includes('Directly again'), 'ShipName is "Directly again"');
  await verifiedIdentical(teller, MOVED, SOURCE_ROWS + 3);
}

export interface Refusal {
  readonly error: { readonly code: string; readonly message: string };
}
