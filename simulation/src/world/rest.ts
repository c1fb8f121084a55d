import { canonicalJson } from '@banyan/core';
import { type ReceiptRow, TABLE, type WorkRow } from '@banyan/legacy-porter/testing';
import { OFFSETS, type OffsetInMemory, PARKED, type ParkedInMemory, UNLIKE } from '@banyan/sink/testing';
import { TOPIC } from './api.js';
import { ROWS } from './v2.js';
import type { World } from './world.js';

/** Something that is still to be done. */
export interface Left {
  /** It stands, or waits behind what stands, of this note; undefined = it goes on by itself. */
  readonly key: string | undefined;
  readonly what: string;
}

/** What consumers, senders and the outbox have not done yet; nothing = the world is at rest. */
export function leftToDo({ log, v2, porter }: World): readonly Left[] {
  const left: Left[] = [];
  for (const [name, database] of [
    ['v2-projector', v2],
    ['legacy-porter', porter],
  ] as const) {
    const offsets = database.committed<OffsetInMemory>(OFFSETS).map(([, row]) => row);
    for (const { partition, offset } of log.records(TOPIC)) {
      const next = offsets.find((row) => row.partition === partition)?.nextOffset ?? 0n;
      if (offset >= next) left.push({ key: undefined, what: `${name} has not taken in ${partition}/${offset}` });
    }
    for (const [, { kind, key, event_id }] of database.committed<ParkedInMemory>(PARKED)) {
      if (kind !== 'invalid') left.push({ key: key ?? undefined, what: `${name} has parked ${event_id} of ${key}` });
    }
    for (const [, { key }] of database.committed<{ readonly key: string }>(UNLIKE)) {
      left.push({ key, what: `${key} is unlike for ${name}` });
    }
  }
  const sends = porter.committed<WorkRow>(TABLE.work).map(([, row]) => row);
  const standing = new Set(sends.filter(({ state }) => state === 'parked').map(({ key }) => key));
  for (const { key, state, errorMessage } of sends) {
    left.push({ key: standing.has(key) ? key : undefined, what: `a send of ${key} is ${state}: ${errorMessage}` });
  }
  for (const [, { body }] of porter.committed<ReceiptRow>(TABLE.receipt)) {
    left.push({ key: undefined, what: `a receipt of ${body.eventId} is not in the log` });
  }
  return left;
}

export function leftInWords(world: World): readonly string[] {
  return leftToDo(world).map(({ what }) => what);
}

/** All effects that V2 and legacy have seen. */
export function effectsOf({ v2, legacy }: World): string {
  return canonicalJson([v2.committed(ROWS), legacy.rows()]);
}
