import { query } from '@banyan/postgres';
import { acksReadBack } from '../../testing/acks-read-back.js';
import type { Finding } from '../finding.js';
import type { Check } from './check.js';

/** P1, P2, P4: what callers were told, against what legacy has: each order once, its last change in it, nothing else. */
export const rowsAsAcknowledged: Check = async ({ doors }) => {
  const { lost, doubled, overwritten, unowned, refusedYetThere } = await doors.ledger();
  const all = (promise: Finding['promise'], kind: Finding['kind'], words: string, found: readonly string[]) =>
    found.map((what): Finding => ({ promise, kind, what: `${words} ${what}` }));
  return [
    ...all('P1', 'lost', 'acknowledged and not in legacy:', lost),
    ...all('P1', 'doubled', 'acknowledged once and in legacy more than once:', doubled),
    ...all('P4', 'covered', 'legacy has an older change:', overwritten),
    ...all('P2', 'unowned', 'nobody was acknowledged row', unowned),
    ...all('P2', 'unowned', 'refused, and in legacy:', refusedYetThere),
  ];
};

/** P1, P8: each acknowledged action is one effective event, and there is none that nobody was acknowledged. */
export const eventsAsAcknowledged: Check = async (arena) => {
  const { doors, books } = arena;
  const keys = await keysOfRows(arena);
  const acts = new Map<string, number>();
  const found: Finding[] = [];
  for (const [row, count] of doors.acts) {
    const key = keys.get(row);
    if (key === undefined) found.push({ promise: 'P1', kind: 'lost', what: `order ${row} has no entity in V2` });
    else acts.set(key, (acts.get(key) ?? 0) + count);
  }
  for (const key of books.log.keys) {
    const [acknowledged, effective] = [acts.get(key) ?? 0, books.log.natives(key)];
    if (acknowledged === effective) continue;
    const what = `${key}: ${acknowledged} acknowledged actions, ${effective} effective events`;
    found.push({ promise: 'P1', kind: acknowledged > effective ? 'lost' : 'doubled', what });
  }
  return found;
};

/** P1: new-api has read its acknowledged events back from where they lie. */
export const acksWhereTheyLie: Check = async ({ world }) => {
  const { lost } = await acksReadBack(world);
  return lost === 0 ? [] : [{ promise: 'P1', kind: 'lost', what: `${lost} acknowledged records are another or none` }];
};

/** V2's key by legacy's OrderID, and by the number that its row carries. */
export async function keysOfRows({ books }: Parameters<Check>[0]): Promise<ReadonlyMap<string, string>> {
  const rows = await query<{ id: string; number: string | null }>(
    books.legacy,
    'select order_id::text as id, po_number as number from orders',
  );
  const links = await query<{ key: string; id: string }>(
    books.admin,
    `select key::text as key, legacy_id as id from porter.link where entity = 'order' and port = 'backend'`,
  );
  const keyOf = new Map(links.map(({ id, key }) => [id, key]));
  return new Map(
    rows.flatMap(({ id, number }) => {
      const key = keyOf.get(id);
      if (key === undefined) return [];
      return number === null ? [[id, key] as const] : [[id, key] as const, [number, key] as const];
    }),
  );
}
