import type { Position } from '../../event-log.js';

/** A record that was handed to a producer, and what its caller was told. */
export interface Sent {
  readonly id: string;
  readonly key: string;
  /** Sent later = larger, within a key. */
  readonly number: number;
  /** Where it was acknowledged; undefined = the caller was refused, or told nothing. */
  readonly acked: Position | undefined;
}

/** A record as it lies in the log. */
export interface Lying {
  readonly id: string;
  readonly key: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** What is wrong, record by record; ids, but for the counts. */
export interface Verdict {
  readonly acknowledged: number;
  /** Acknowledged, and nowhere in the log. */
  readonly lost: readonly string[];
  /** Acknowledged at a place where another record lies: what a canary sees. */
  readonly elsewhere: readonly string[];
  /** One entry for each copy too many. */
  readonly doubled: readonly string[];
  /** Acknowledged, and its first copy lies before that of a record of its key which was sent earlier and acknowledged. */
  readonly reordered: readonly string[];
  /** Copies behind a newer record of the key: who does not de-duplicate goes back in time. */
  readonly stale: readonly string[];
  /** In the log, and sent by nobody. */
  readonly foreign: readonly string[];
  readonly rejected: number;
  /** Of those, the ones that are in the log all the same. */
  readonly rejectedYetWritten: number;
}

/**
 * Compares the ledger of what was acknowledged with the whole log. A key stays in its partition, so offsets tell the order.
 * @param log by offset within each partition
 */
export function judge(sent: readonly Sent[], log: readonly Lying[]): Verdict {
  const known = new Map(sent.map((record) => [record.id, record]));
  const copies = Map.groupBy(log, ({ id }) => id);
  const at = new Map(log.map((lying) => [placeOf(lying), lying.id]));
  const acked = sent.filter((record) => record.acked !== undefined);
  const refused = sent.filter((record) => record.acked === undefined);
  return {
    acknowledged: acked.length,
    lost: acked.filter(({ id }) => !copies.has(id)).map(({ id }) => id),
    elsewhere: acked.filter(({ id, acked: place }) => place && at.get(placeOf(place)) !== id).map(({ id }) => id),
    doubled: [...copies].flatMap(([id, all]) => all.slice(1).map(() => id)),
    reordered: reordered(acked, copies),
    stale: stale(log, known),
    foreign: log.filter(({ id }) => !known.has(id)).map(({ id }) => id),
    rejected: refused.length,
    rejectedYetWritten: refused.filter(({ id }) => copies.has(id)).length,
  };
}

/** Nothing lost, doubled, out of order, refused or foreign. */
export function clean(acknowledged: number): Verdict {
  return {
    acknowledged,
    lost: [],
    elsewhere: [],
    doubled: [],
    reordered: [],
    stale: [],
    foreign: [],
    rejected: 0,
    rejectedYetWritten: 0,
  };
}

function reordered(acked: readonly Sent[], copies: ReadonlyMap<string, readonly Lying[]>): string[] {
  return [...Map.groupBy(acked, ({ key }) => key).values()].flatMap((ofKey) => {
    let furthest = -1n;
    return ofKey
      .toSorted((a, b) => a.number - b.number)
      .filter(({ id }) => {
        const first = copies.get(id)?.[0]?.offset;
        if (first === undefined) return false;
        const isBehind = first < furthest;
        if (!isBehind) furthest = first;
        return isBehind;
      })
      .map(({ id }) => id);
  });
}

function stale(log: readonly Lying[], known: ReadonlyMap<string, Sent>): string[] {
  return [...Map.groupBy(log, ({ key }) => key).values()].flatMap((ofKey) => {
    const seen = new Set<string>();
    let newest = -1;
    return ofKey
      .filter(({ id }) => {
        const number = known.get(id)?.number ?? -1;
        const isOldCopy = seen.has(id) && number < newest;
        seen.add(id);
        newest = Math.max(newest, number);
        return isOldCopy;
      })
      .map(({ id }) => id);
  });
}

function placeOf({ partition, offset }: Position): string {
  return `${partition}:${offset}`;
}
