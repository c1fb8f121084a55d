import { TABLE, type WorkRow } from '@banyan/legacy-porter/testing';
import { OFFSETS, type OffsetInMemory, PARKED } from '@banyan/sink/testing';
import { TOPIC } from './api.js';
import { ROWS } from './v2.js';
import type { World } from './world.js';

/** What consumers and senders have not done yet, in words; nothing = the world is at rest. */
export function leftToDo({ log, v2, porter }: World): readonly string[] {
  const open: string[] = [];
  for (const [name, database] of [
    ['v2-projector', v2],
    ['legacy-porter', porter],
  ] as const) {
    const offsets = database.committed<OffsetInMemory>(OFFSETS).map(([, row]) => row);
    for (const { partition, offset } of log.records(TOPIC)) {
      const next = offsets.find((row) => row.partition === partition)?.nextOffset ?? 0n;
      if (offset >= next) open.push(`${name} has not taken in ${partition}/${offset}`);
    }
    for (const [key, { kind }] of database.committed<{ kind: string }>(PARKED)) {
      if (kind !== 'invalid') open.push(`${name} has parked ${key}`);
    }
  }
  for (const [, { key, state, errorMessage }] of porter.committed<WorkRow>(TABLE.work)) {
    open.push(`a send of ${key} is ${state}: ${errorMessage}`);
  }
  return open;
}

/** All effects that V2 has seen. */
export function effectsOf({ v2 }: World): string {
  return JSON.stringify(v2.committed(ROWS));
}
