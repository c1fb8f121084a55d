import type { Work, WorkId } from '../work.js';

/** Consumers, keys, versions and claims. */
export function claimArrays(work: readonly Work[]): readonly unknown[] {
  return [...idArrays(work), work.map(({ claim }) => claim)];
}

/** Consumers, keys and versions. */
export function idArrays(work: readonly WorkId[]): readonly unknown[] {
  return [work.map(({ consumer }) => consumer), work.map(({ key }) => key), work.map(({ version }) => version)];
}
