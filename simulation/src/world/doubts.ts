import type { WorkRow } from '@banyan/legacy-porter/testing';
import type { Asked } from './asked.js';
import type { Happening } from './happenings.js';
import { WORD } from './making-good.js';
import type { World } from './world.js';

/** What a person does about a doubt. */
export interface EndOfDoubt {
  readonly how: Extract<Happening, `doubt: ${string}`>;
  ask(asked: Asked): Promise<unknown> | undefined;
}

/** A person looks into legacy for the rows of a create that is in doubt, removes those that are too many, and tells the porter what is so. */
export function endDoubt({ legacy, random }: World, { key, eventId }: WorkRow): EndOfDoubt {
  const found = legacy.rows().filter(({ Stamp }) => Stamp === key);
  const order = { key, eventId, ...WORD };
  const kept = found.length > 0 && random.chance(0.6) ? random.pick([...found]) : undefined;
  for (const { NoteID } of found) if (NoteID !== kept?.NoteID) legacy.remove(String(NoteID));
  if (kept !== undefined) {
    if (random.chance(0.4)) return { how: 'doubt: let go on', ask: (asked) => asked.replay(key) };
    const arrivedAs = String(kept.NoteID);
    return { how: 'doubt: it arrived', ask: (asked) => asked.settle?.({ ...order, arrivedAs }) };
  }
  if (random.chance(0.5))
    return { how: 'doubt: given up', ask: (asked) => asked.discard({ ...order, notArrived: true }) };
  return { how: 'doubt: it did not arrive', ask: (asked) => asked.settle?.({ ...order, notArrived: true }) };
}
