/** What every consumer knows of a key, folded from headers alone. Never deleted. */
export interface KeyState {
  /** How many events have raised this key; 0 = never seen. */
  readonly version: number;
  readonly liveness: 'absent' | Liveness;
  readonly owner: 'none' | 'legacy' | 'new';
  /** The epoch of the event that last raised the version. */
  readonly epoch: number;
  /** Content hash of the import that made this version; none after a native change. */
  readonly hash?: string;
  /** The last events that raised the version, oldest first, at most RECENT_LIMIT. */
  readonly recent: readonly RecentEntry[];
}

export interface RecentEntry {
  readonly eventId: string;
  readonly version: number;
}

/** What an event leaves behind: an entity that is there, or one that is gone. */
export type Liveness = 'live' | 'deleted';

/** Who may write, per partition, kept beside the offset and moved only by markers in that partition. */
export interface Authority {
  readonly epoch: number;
  /** Percentage of a topic's keys, by bucket, that natives may change although legacy owned them: 0 to 100. */
  readonly share: number;
  /** The epoch of the last hand-back; what V2 owned before it reads as legacy's. */
  readonly handback: number;
}

export type Marker =
  | { readonly type: 'fence'; readonly epoch: number; readonly share: number }
  | { readonly type: 'handback'; readonly epoch: number };

/** What became of an event. It belongs to the event's id: the first outcome counts. */
export type Outcome = 'invalid' | 'duplicate' | 'stale' | 'conflict' | 'superseded' | 'unchanged' | 'effective';

export const NEVER_SEEN: KeyState = { version: 0, liveness: 'absent', owner: 'none', epoch: 0, recent: [] };
export const FIRST_AUTHORITY: Authority = { epoch: 0, share: 0, handback: 0 };
