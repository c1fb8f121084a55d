import { FIRST_AUTHORITY } from '@banyan/core';
import type { StoredState } from '@banyan/postgres';
import { type Change, type Decoder, decodeAll, type ParkedRecord, type Tally, tallyOf } from '@banyan/sink';
import { foldSlice } from '@banyan/sink/testing';
import type { AnyEntity } from '@banyan/transformer';
import { PARTITIONS, TOPIC } from '../world/api.js';
import { note } from '../world/note.js';
import { NOTES, type World } from '../world/world.js';

/** What the log says. */
export interface FoldedLog {
  readonly states: ReadonlyMap<string, StoredState>;
  /** By partition, then in log order; so those of a key are in order. */
  readonly changes: readonly Change[];
  /** What stands. */
  readonly parked: readonly ParkedRecord[];
  /** What stood until a whole state passed it. */
  readonly closed: readonly ParkedRecord[];
  readonly tally: Tally;
}

export interface FoldOptions {
  /** Default: as they are meant. */
  readonly entity?: AnyEntity;
  readonly codec?: Decoder;
  /** The offset behind the last record, by partition. Default: the end. */
  readonly next?: (partition: number) => bigint;
}

/** Each partition folded at one go from its beginning. */
export async function foldLog(
  { log }: Pick<World, 'log'>,
  { entity = note, codec = NOTES, next }: FoldOptions = {},
): Promise<FoldedLog> {
  const types = new Set(entity.events.map(({ name }) => name));
  const states = new Map<string, StoredState>();
  const changes: Change[] = [];
  const parked: ParkedRecord[] = [];
  const closed: ParkedRecord[] = [];
  let tally = tallyOf({});
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    const records = log
      .records(TOPIC)
      .filter((record) => record.partition === partition && (next === undefined || record.offset < next(partition)));
    const folded = foldSlice({
      entity,
      authority: FIRST_AUTHORITY,
      states: new Map(),
      knownInvalid: new Set(),
      items: await decodeAll(codec, types, records),
    });
    for (const [key, state] of folded.states) states.set(key, state);
    changes.push(...folded.changes);
    const isClosed = ({ kind, key, record }: ParkedRecord) =>
      kind === 'state' && folded.closings.some((by) => by.key === key && record.offset < by.before);
    for (const one of folded.parked) (isClosed(one) ? closed : parked).push(one);
    tally = sum(tally, folded.tally);
  }
  return { states, changes, parked, closed, tally };
}

function sum(a: Tally, b: Tally): Tally {
  return tallyOf(Object.fromEntries(Object.entries(a).map(([what, times]) => [what, times + b[what as keyof Tally]])));
}
