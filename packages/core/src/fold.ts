import { bucket } from './bucket.js';
import { type EventHeaders, isImportOrigin, isNativeOrigin } from './event-headers.js';
import type { Authority, KeyState, Marker, Outcome, RecentEntry } from './key-state.js';

/** How many of the events that raised a key's version are remembered by id. */
export const RECENT_LIMIT = 16;

export interface Folded {
  readonly outcome: Outcome;
  readonly keyState: KeyState;
}

/**
 * Decides whether an event takes effect, from its headers alone. Every app calls this one function in log order, so all of
 * them reach the same outcome without talking to each other. The rows are those of the table in
 * docs/explanation/the-log-decides.md, in its order; the first that matches decides.
 */
export function fold(authority: Authority, keyState: KeyState, headers: EventHeaders): Folded {
  const unchanged = (outcome: Outcome): Folded => ({ outcome, keyState });
  const { id, origin, expectedVersion, epoch, liveness } = headers;
  const importing = origin !== undefined && isImportOrigin(origin);

  // 1. An event that lacks what the table reads, or that comes from a future nobody here has folded.
  if (
    id === undefined ||
    origin === undefined ||
    !(importing || isNativeOrigin(origin)) ||
    expectedVersion === undefined ||
    epoch === undefined ||
    liveness === undefined ||
    (importing && headers.contentHash === undefined) ||
    epoch > authority.epoch ||
    expectedVersion > keyState.version
  ) {
    return unchanged('invalid');
  }
  // 2. The outcome belongs to the id: a repeat never takes effect twice.
  if (keyState.recent.some((entry) => entry.eventId === id)) return unchanged('duplicate');
  // 3. and 4. Decided, or read from legacy, before something that is now in the log.
  if (epoch < authority.epoch) return unchanged('stale');
  if (expectedVersion !== keyState.version) return unchanged('conflict');

  const owner = ownerOf(authority, keyState);
  if (importing) {
    // 5. Within an epoch an import never beats a native change.
    if (owner === 'new') return unchanged('superseded');
    // 6. Nothing new, except perhaps that it was looked at in this epoch: that much moves the key.
    if (owner === 'legacy' && headers.contentHash === keyState.hash && liveness === keyState.liveness) {
      if (epoch <= keyState.epoch) return unchanged('unchanged');
      return { outcome: 'unchanged', keyState: raise(keyState, id, { epoch }) };
    }
    // 7. Absence is an import too.
    return {
      outcome: 'effective',
      keyState: raise(keyState, id, { liveness, owner: 'legacy', epoch, hash: headers.contentHash }),
    };
  }
  // 8. Legacy holds the key, or V2's copy of it is from before this epoch.
  if (owner === 'legacy' && (bucket(headers.key) >= authority.share || keyState.epoch < epoch)) {
    return unchanged('stale');
  }
  // 9.
  return { outcome: 'effective', keyState: raise(keyState, id, { liveness, owner: 'new', epoch, hash: undefined }) };
}

/** Moves a partition's authority. A marker that is not newer than the partition's epoch does nothing. */
export function foldMarker(authority: Authority, marker: Marker): Authority {
  if (marker.epoch <= authority.epoch) return authority;
  return marker.type === 'fence'
    ? { epoch: marker.epoch, share: marker.share, handback: authority.handback }
    : { epoch: marker.epoch, share: 0, handback: marker.epoch };
}

/** Who owns the key as read now: what V2 owned before the last hand-back is legacy's again. */
export function ownerOf(authority: Authority, keyState: KeyState): KeyState['owner'] {
  return keyState.owner === 'new' && keyState.epoch < authority.handback ? 'legacy' : keyState.owner;
}

interface Raise {
  readonly epoch: number;
  readonly liveness?: KeyState['liveness'];
  readonly owner?: KeyState['owner'];
  readonly hash?: string | undefined;
}

function raise(keyState: KeyState, eventId: string, change: Raise): KeyState {
  const version = keyState.version + 1;
  const entry: RecentEntry = { eventId, version };
  const hash = 'hash' in change ? change.hash : keyState.hash;
  const { liveness = keyState.liveness, owner = keyState.owner, epoch } = change;
  const kept = keyState.recent.length < RECENT_LIMIT ? keyState.recent : keyState.recent.slice(1 - RECENT_LIMIT);
  const recent = kept.concat(entry);
  return hash === undefined
    ? { version, liveness, owner, epoch, recent }
    : { version, liveness, owner, epoch, hash, recent };
}
