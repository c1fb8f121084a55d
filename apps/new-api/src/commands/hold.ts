import { type Authority, bucket, type KeyState, ownerOf } from '@banyan/core';

/**
 * Whether a native event on this key would fold as `stale` although nobody else writes: rule 8, asked before anything is appended.
 * `held` = legacy decides about the key. `outdated` = V2 may, after an import of this epoch.
 */
export type Hold = 'none' | 'held' | 'outdated';

export function holdOf(authority: Authority, keyState: KeyState, key: string): Hold {
  if (ownerOf(authority, keyState) !== 'legacy') return 'none';
  if (bucket(key) >= authority.share) return 'held';
  return keyState.epoch < authority.epoch ? 'outdated' : 'none';
}
