import { storeUnlikeLog } from '../books/log-book.js';
import type { Write } from '../books/write-journal.js';
import type { Finding } from '../finding.js';
import { keysOfRows } from './acknowledged.js';
import type { Check } from './check.js';

/** P4, P6: both stores have come to what the log comes to when it is folded at one go, and in it no import beat a native. */
export const storesAsTheLog: Check = async ({ books }) => {
  const { log, admin } = books;
  await log.read();
  const fresh = log.takeFresh();
  const stores = [
    { schema: 'v2', consumer: 'order' },
    { schema: 'porter', consumer: 'order.backend' },
  ];
  const unlike = await Promise.all(stores.map((where) => storeUnlikeLog(log, admin, where, fresh)));
  return [...log.takeFindings(), ...unlike.flat()];
};

/** P4, P8: what the porter told of each version. */
export const receiptsInOrder: Check = ({ books }) => books.receipts.read();

/** P8, P4: legacy's own journal: one write for each effective event, in their order. */
export const oneWriteInLegacy: Check = async (arena) => {
  const { books, doors } = arena;
  const keys = await keysOfRows(arena);
  const found: Finding[] = [];
  for (const [id, writes] of await books.legacyWrites.read()) {
    const key = keys.get(id);
    if (key === undefined) continue;
    // Born behind Banyan's back.
    const others = doors.old.has(id) ? writes.filter(({ operation }) => operation === 'INSERT').length : 0;
    const { natives: events } = books.log.since(key);
    const own = writes.length - others;
    if (own !== events) {
      const what = `order ${id} (${key}): ${events} effective events, ${own} writes in legacy`;
      found.push({ promise: 'P8', kind: own > events ? 'doubled' : 'lost', what });
    }
    found.push(...outOfOrder('legacy', id, writes));
  }
  return found;
};

/** P8, P4: V2's own journal: at most one write for each effective event (a slice writes a key once), in their order. */
export const oneWriteInV2: Check = async ({ books }) => {
  const found: Finding[] = [];
  for (const [key, all] of await books.v2Writes.read()) {
    // The projector replaces an entity's rows: what it deletes it inserts in the same transaction.
    const writes = all.filter(({ operation }) => operation !== 'DELETE');
    const { natives, imports } = books.log.since(key);
    const events = natives + imports;
    if (writes.length > events) {
      const what = `${key}: ${events} effective events, ${writes.length} writes in V2`;
      found.push({ promise: 'P8', kind: 'doubled', what });
    }
    found.push(...outOfOrder('V2', key, writes));
  }
  return found;
};

/** Each change carries a number that is one above the last of its order. */
export function outOfOrder(store: string, id: string, writes: readonly Write[]): readonly Finding[] {
  const counts = writes.flatMap(({ name }) => /^\D+ (\d+)$/.exec(name ?? '')?.[1] ?? []).map(Number);
  const wrong = counts.findIndex((count, index) => index > 0 && count <= (counts[index - 1] ?? 0));
  if (wrong === -1) return [];
  const what = `${store} wrote change ${counts[wrong]} of ${id} behind ${counts[wrong - 1]}`;
  return [{ promise: 'P4', kind: 'covered', what }];
}
