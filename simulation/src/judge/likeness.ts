import { FIRST_AUTHORITY, ownerOf } from '@banyan/core';
import { type IntentRow, TABLE, type WorkRow } from '@banyan/legacy-porter/testing';
import type { MemoryDatabase } from '@banyan/postgres/testing';
import { OFFSETS, type OffsetInMemory, STATES, type StateInMemory } from '@banyan/sink/testing';
import { unlikeKeys } from '../world/making-good.js';
import type { Note } from '../world/note.js';
import { linksIn } from '../world/porter-journal.js';
import { ROWS, type V2Row } from '../world/v2.js';
import type { World } from '../world/world.js';

/**
 * At any time: a key of which nothing stands or is under way, and which nobody called unlike, is like its state. In V2 that is its row, in legacy
 * the row of a key that V2 owns, but for one that somebody else has written.
 */
export function likeness(world: World): readonly string[] {
  return [...likeInV2(world), ...likeInLegacy(world)];
}

/** Keys that V2 owns and of which the porter has nothing left to do. */
export function settledKeys({ porter }: World): readonly string[] {
  const handback = handbackOf(porter);
  const busy = new Set([
    ...porter.committed<WorkRow>(TABLE.work).map(([, { key }]) => key),
    ...porter
      .committed<IntentRow>(TABLE.intent)
      .filter(([, { state }]) => state !== 'closed')
      .map(([, { key }]) => key),
    ...unlikeKeys(porter),
  ]);
  return free(porter)
    .filter(({ key, state }) => !busy.has(key) && ownerOf({ ...FIRST_AUTHORITY, handback }, state.keyState) === 'new')
    .map(({ key }) => key);
}

/** The last that any partition of the porter has. */
export function handbackOf(porter: MemoryDatabase): number {
  return Math.max(0, ...porter.committed<OffsetInMemory>(OFFSETS).map(([, { authority }]) => authority.handback));
}

function likeInV2({ v2 }: World): readonly string[] {
  const rows = new Map(v2.committed<V2Row>(ROWS));
  const unlike = new Set(unlikeKeys(v2));
  return free(v2).flatMap(({ key, state }) => {
    const [is, said] = [rows.get(key)?.text, (state.document as Note | undefined)?.text];
    return is === said || unlike.has(key) ? [] : [`V2's row of ${key} says "${is}", its state "${said}": it is unlike`];
  });
}

function likeInLegacy(world: World): readonly string[] {
  const { porter, legacy, meddler } = world;
  const states = new Map(porter.committed<StateInMemory>(STATES).map(([, { key, state }]) => [key, state]));
  const links = linksIn({ all: (table) => porter.committed(table) });
  const legacyIds = new Map(links.map(({ key, legacyId }) => [key, legacyId]));
  const rows = new Map(legacy.rows().map((row) => [String(row.NoteID), row]));
  return settledKeys(world).flatMap((key) => {
    if (meddler.hasWritten(key)) return [];
    const [is, said] = [
      rows.get(legacyIds.get(key) ?? '')?.Text,
      (states.get(key)?.document as Note | undefined)?.text,
    ];
    return is === said ? [] : [`legacy's row of ${key} says "${is}", its state "${said}": it is unlike`];
  });
}

/** What nothing stands of. */
function free(database: MemoryDatabase): readonly StateInMemory[] {
  const states = database.committed<StateInMemory>(STATES).map(([, row]) => row);
  return states.filter(({ state }) => !state.parked && !state.effectsHeld);
}
