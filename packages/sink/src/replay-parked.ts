import type { BanyanError, Outcome } from '@banyan/core';
import type { StoredState } from '@banyan/postgres';
import type { Change } from './change.js';
import type { SliceItem } from './decode.js';
import { type Evolver, evolveOnce } from './evolve.js';
import { changeOf } from './fold-slice.js';
import type { ParkedChange } from './parked-record.js';
import { stateHash } from './state-hash.js';

/** A parked record as it is stored, read again. */
export interface ParkedItem extends SliceItem {
  readonly id: number;
  readonly parkedKind: 'state' | 'effect';
  readonly change: ParkedChange;
}

export interface Progress {
  /** With every document evolved as far as it goes; what still stands, and its hash, is for `stateAfter` to say. */
  readonly state: StoredState;
  readonly changes: readonly { readonly item: ParkedItem; readonly change: Change }[];
  /** The event that cannot be processed even now; it and all behind it stay. */
  readonly stuck?: { readonly item: ParkedItem; readonly error: BanyanError };
}

/** Goes through the parked events of one key in order: evolves those whose state stood still, and makes their changes. Pure. */
export function replayParked(entity: Evolver, key: string, state: StoredState, items: readonly ParkedItem[]): Progress {
  let current = state;
  const changes: { item: ParkedItem; change: Change }[] = [];
  for (const item of items) {
    const { decoded, change: facts } = item;
    const said = factsOf(item);
    if (said === undefined) continue;
    const { headers, ...base } = said;
    if (item.parkedKind === 'effect') {
      const { outcome = 'effective', before, after } = facts;
      if (outcome === 'effective') {
        if ('error' in decoded) return { state: current, changes, stuck: { item, error: decoded.error } };
        changes.push({ item, change: changeOf(item, headers, base, { outcome, before, after, event: decoded.event }) });
      } else if (isOther(outcome)) {
        const event = 'event' in decoded ? decoded.event : undefined;
        changes.push({ item, change: changeOf(item, headers, base, { outcome, before, after, event }) });
      }
      continue;
    }
    const evolved = evolveOnce(entity, key, current.document, decoded);
    if ('error' in evolved) return { state: current, changes, stuck: { item, error: evolved.error } };
    if ('error' in decoded) return { state: current, changes, stuck: { item, error: decoded.error } };
    const { document: after } = evolved;
    const before = current.document;
    current = {
      ...current,
      document: after,
      appliedVersion: facts.version,
      transformerVersion: entity.version,
    };
    changes.push({
      item,
      change: changeOf(item, headers, base, { outcome: 'effective', before, after, event: decoded.event }),
    });
  }
  return { state: current, changes };
}

/**
 * The state of a key of which these records still stand. With no state left the document is that of the key's own version: an
 * `unchanged` import raises the version of a standing key and leaves nothing to replay. With the document at the version of the last
 * replayed event instead, every command would be decided on that one, and would conflict until the next effective import.
 */
export function stateAfter(state: StoredState, left: readonly ParkedItem['parkedKind'][]): StoredState {
  const parked = left.includes('state');
  const appliedVersion = parked ? state.appliedVersion : state.keyState.version;
  const effectsHeld = left.includes('effect');
  return { ...state, appliedVersion, parked, effectsHeld, stateHash: stateHash(state.document) };
}

/** What record and fold said; undefined for a record that could not have been parked this way. */
function factsOf(item: ParkedItem) {
  const { kind, change } = item;
  if (kind.type !== 'event' || kind.headers.id === undefined || kind.headers.origin === undefined) return undefined;
  const { version, beforeLive, afterLive } = change;
  const { headers } = kind;
  return { headers, eventId: kind.headers.id, origin: kind.headers.origin, version, beforeLive, afterLive };
}

function isOther(outcome: Outcome): outcome is Exclude<Outcome, 'effective' | 'invalid'> {
  return outcome !== 'effective' && outcome !== 'invalid';
}
