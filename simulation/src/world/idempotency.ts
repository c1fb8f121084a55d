import { BanyanError } from '@banyan/core';
import type { Answer, Journal, NotedEvent, PendingEvent, Receipts } from '@banyan/new-api/testing';
import type { MemorySession } from '@banyan/postgres/testing';

/** As new-api's own store: a try that has not renewed for so long is taken over. Milliseconds. */
const LEASE_MS = 15_000;
const RENEW_MS = 5_000;
const KEYS = 'idempotency_key';
const RECEIPTS = 'receipt';

interface KeyRow {
  readonly holder: string;
  readonly leaseUntilMs: number;
  readonly pending?: PendingEvent;
  readonly answer?: Answer;
}

export type Begun =
  | { readonly type: 'answered'; readonly answer: Answer }
  | { readonly type: 'work'; readonly journal: Journal; close(): void }
  | { readonly type: 'in-flight' };

/** The twin of new-api's IdempotencyStore: one try at a time, and what an earlier one may have appended is found by the next. */
export async function beginKey(session: MemorySession, key: string, holder: string): Promise<Begun> {
  const row = await session.run('begin key', (rows) => {
    const found = rows.get<KeyRow>(KEYS, key);
    if (found !== undefined && (found.answer !== undefined || found.leaseUntilMs > performance.now())) return found;
    const taken = { ...found, holder, leaseUntilMs: performance.now() + LEASE_MS };
    rows.put(KEYS, key, taken);
    return taken;
  });
  if (row.answer !== undefined) return { type: 'answered', answer: row.answer };
  if (row.holder !== holder) return { type: 'in-flight' };
  const write = (what: string, change: (row: KeyRow) => KeyRow | undefined): Promise<boolean> =>
    session.run(what, (rows) => {
      const now = rows.get<KeyRow>(KEYS, key);
      if (now?.holder !== holder || now.answer !== undefined) return false;
      const changed = change(now);
      if (changed === undefined) rows.delete(KEYS, key);
      else rows.put(KEYS, key, changed);
      return true;
    });
  const renew = (now: KeyRow) => ({ ...now, leaseUntilMs: performance.now() + LEASE_MS });
  const renewal = setInterval(() => void write('renew key', renew).catch(() => undefined), RENEW_MS);
  return {
    type: 'work',
    close: () => clearInterval(renewal),
    journal: {
      pending: row.pending && withBuffer(row.pending),
      note: async (pending) => {
        const mine = await write('note event', (now) => ({ ...now, pending }));
        if (!mine)
          throw new BanyanError('API_IDEMPOTENCY_IN_FLIGHT', `another try has ${key} now`, { retryable: true });
      },
      acknowledged: async (position) => {
        await write('note position', (now) => (now.pending ? { ...now, pending: { ...now.pending, position } } : now));
      },
      finish: async (answer) => {
        await write('finish key', (now) => ({ ...now, answer }));
      },
      release: async ({ dropPending }) => {
        await write('release key', (now) =>
          dropPending || now.pending === undefined ? undefined : { ...now, leaseUntilMs: 0 },
        );
      },
    },
  };
}

/** What comes out of the database has plain bytes. */
function withBuffer(pending: PendingEvent): PendingEvent {
  return { ...pending, record: { ...pending.record, value: Buffer.from(pending.record.value) } };
}

export function receiptsIn(session: MemorySession): Receipts {
  return {
    keep: (entity: string, event: NotedEvent, position?: NotedEvent['position']) =>
      session.run('keep receipt', (rows) => rows.put(RECEIPTS, event.eventId, { ...event, entity, position })),
    acknowledged: (eventId, position) =>
      session.run('acknowledge receipt', (rows) => {
        const kept = rows.get<NotedEvent>(RECEIPTS, eventId);
        if (kept !== undefined) rows.put(RECEIPTS, eventId, { ...kept, position: kept.position ?? position });
      }),
    drop: (eventId) => session.run('drop receipt', (rows) => rows.delete(RECEIPTS, eventId)),
  };
}
