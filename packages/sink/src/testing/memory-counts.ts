import type { ClosedEntry, ParkedEntry } from '@banyan/postgres';
import type { SinkStatus, Standing } from '../sink-store.js';
import type { ClosedInMemory, OffsetInMemory, ParkedInMemory } from './memory-tables.js';

const MOST_ENTRIES = 1_000;
const MOST_STANDING = 1_000;

/** One per key, the first event that could not be processed; one per invalid event. @param rows in log order */
export function parkedEntriesOf(rows: readonly ParkedInMemory[]): readonly ParkedEntry[] {
  const groups = Map.groupBy(rows, (row) => (row.kind === 'invalid' ? row.id : row.key));
  return [...groups.values()]
    .flatMap((group) => group.slice(0, 1).map((first) => ({ first, behind: group.length - 1 })))
    .sort((a, b) => a.first.parkedAtMs - b.first.parkedAtMs || a.first.id - b.first.id)
    .slice(0, MOST_ENTRIES)
    .map(({ first, behind }) => ({
      consumer: first.consumer,
      key: first.key,
      kind: first.kind,
      eventId: first.event_id ?? null,
      eventType: first.event_type ?? null,
      partition: first.partition,
      offset: String(first.record_offset),
      errorCode: first.error_code,
      errorMessage: first.error_message,
      since: new Date(first.parkedAtMs).toISOString(),
      behind,
    }));
}

const MOST_CLOSED = 100;

/** @param rows what was closed last first */
export function closedEntriesOf(rows: readonly ClosedInMemory[], key: string | undefined): readonly ClosedEntry[] {
  return rows
    .filter((row) => key === undefined || row.key === key)
    .slice(0, MOST_CLOSED)
    .map(({ id: _, ...entry }) => entry);
}

export function statusOf(
  consumer: string,
  rows: readonly ParkedInMemory[],
  offsets: readonly OffsetInMemory[],
): Omit<SinkStatus, 'unlike'> {
  const standing = rows.filter(({ kind }) => kind !== 'invalid');
  const parked = new Set(standing.map(({ key }) => key)).size;
  const [last] = offsets.toSorted((a, b) => a.authority.epoch - b.authority.epoch || a.partition - b.partition);
  return {
    consumer,
    parked,
    waiting: standing.length - parked,
    invalid: rows.length - standing.length,
    authority: last?.authority ?? { epoch: 0, share: 0, handback: 0 },
  };
}

/** @param rows in log order */
export function standingOf(rows: readonly ParkedInMemory[], nowMs: number): Omit<Standing, 'unlike'> {
  const byKey = Map.groupBy(
    rows.filter(({ kind }) => kind !== 'invalid'),
    ({ key }) => key ?? '',
  );
  const firsts = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, MOST_STANDING);
  const since = firsts.flatMap(([, group]) => group.slice(0, 1).map(({ parkedAtMs }) => parkedAtMs));
  return { keys: firsts.length, oldestSeconds: since.length === 0 ? 0 : (nowMs - Math.min(...since)) / 1_000 };
}
