import type { RePortWork } from '../repairs.js';
import type { Work, WorkId } from '../work.js';

/** Consumers, keys, versions and claims. */
export function claimArrays(work: readonly Work[]): readonly unknown[] {
  return [...idArrays(work), work.map(({ claim }) => claim)];
}

/** Consumers, keys and versions. */
export function idArrays(work: readonly WorkId[]): readonly unknown[] {
  return [work.map(({ consumer }) => consumer), work.map(({ key }) => key), work.map(({ version }) => version)];
}

/** What a send is made of: consumers, keys, versions, event ids, event types, traces, operations, documents and state hashes. */
export function workArrays(work: readonly RePortWork[]): readonly unknown[] {
  return [
    ...idArrays(work),
    work.map(({ eventId }) => eventId),
    work.map(({ eventType }) => eventType),
    work.map(({ trace }) => JSON.stringify(trace)),
    work.map(({ operation }) => operation),
    work.map(({ document }) => (document === undefined ? null : JSON.stringify(document))),
    work.map(({ stateHash }) => stateHash ?? null),
  ];
}
