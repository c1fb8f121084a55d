import type { BanyanError } from '@banyan/core';
import type { Change } from './change.js';
import type { SliceItem } from './decode.js';

/** What the fold made of an event that is parked; `before` and `after` when the state has evolved and only the effect waits. */
export type ParkedChange = Pick<Change, 'version' | 'beforeLive' | 'afterLive'> &
  Partial<Pick<Change, 'outcome' | 'before' | 'after'>>;

/** A record that is kept for later or for a person, with its bytes. */
export interface ParkedRecord {
  readonly record: SliceItem['record'];
  readonly key: string | null;
  readonly kind: 'state' | 'effect' | 'invalid';
  readonly eventId: string | undefined;
  readonly eventType: string | undefined;
  readonly change: ParkedChange | undefined;
  /** undefined = waits behind an earlier event of its key. */
  readonly error: BanyanError | undefined;
}

export function parkedRecord(
  item: Pick<SliceItem, 'record' | 'kind'>,
  why: { readonly kind: ParkedRecord['kind']; readonly error: BanyanError | undefined; readonly change?: ParkedChange },
): ParkedRecord {
  const { record, kind } = item;
  return {
    record,
    key: record.key,
    kind: why.kind,
    eventId: kind.type === 'event' ? kind.headers.id : undefined,
    eventType: kind.type === 'event' ? kind.eventType : undefined,
    change: why.change === undefined ? undefined : parkedChange(why.change),
    error: why.error,
  };
}

/** The part that is stored. */
export function parkedChange({ version, beforeLive, afterLive, outcome, before, after }: ParkedChange): ParkedChange {
  return {
    version,
    beforeLive,
    afterLive,
    ...(outcome === undefined ? {} : { outcome, before, after }),
  };
}

/** The records of a key whose effect failed: the first with the reason, the others wait behind it. */
export function withheld(
  changes: readonly Change[],
  items: ReadonlyMap<bigint, Pick<SliceItem, 'record' | 'kind'>>,
  error: BanyanError,
): readonly ParkedRecord[] {
  return changes.flatMap((change, index) => {
    const item = items.get(change.offset);
    return item === undefined
      ? []
      : [parkedRecord(item, { kind: 'effect', error: index === 0 ? error : undefined, change })];
  });
}
