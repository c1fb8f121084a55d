import { systemClock } from '@banyan/core';
import { describe, expect, it } from '@jest/globals';
import { counter } from '../testing/counter.js';
import { adoptedKey, createAdoption } from './adoption.js';

/** Adoption over a legacy that counts how often it is asked, and a V2 that never saw anything. */
function adoptionOver(reads: string[][], rows: ReadonlyMap<string, { Name: string; Total: number }>) {
  return createAdoption({
    entities: [counter],
    source: 'spec',
    topicPrefix: '',
    log: { requireReady: () => undefined, partitionOf: async () => 0 } as never,
    observer: { authorities: async () => new Map(), keyStates: async () => new Map() },
    progress: { reached: async () => true, close: async () => undefined },
    porter: { links: async () => [], intents: async () => [] },
    readerOf: () =>
      ({
        rows: async (ids: readonly string[]) => {
          reads.push([...ids]);
          await new Promise(setImmediate);
          return { rows: new Map(ids.map((id) => [id, rows.get(id)])), invalid: [] };
        },
      }) as never,
    known: async () => new Map(),
    newId: () => 'event',
    clock: systemClock,
    appendDeadlineMs: 10,
    outcomeDeadlineMs: 10,
  });
}

describe('adoption', () => {
  it('reads a row once for all who ask for it at the same time', async () => {
    const reads: string[][] = [];
    const adoption = adoptionOver(reads, new Map());
    const [first, second] = await Promise.all([
      adoption.adopt(counter, ['A', 'B']),
      adoption.adopt(counter, ['B', 'C']),
    ]);
    expect(reads).toEqual([['A', 'B'], ['C']]);
    expect([...first.keys(), ...second.keys()]).toEqual(['A', 'B', 'B', 'C']);
    await adoption.adopt(counter, ['A']);
    expect(reads).toHaveLength(3);
  });

  it('of a row that is held is 503, of none nothing', () => {
    const result = { legacyId: 'A', refs: [] };
    expect(() => adoptedKey(counter, { ...result, bucket: 'held', reason: 'a send is open' })).toThrow(
      expect.objectContaining({ status: 503, code: 'API_ADOPTION_HELD' }),
    );
    expect(adoptedKey(counter, { ...result, bucket: 'absent', key: 'k' })).toBeUndefined();
    expect(adoptedKey(counter, { ...result, bucket: 'imported', key: 'k' })).toBe('k');
  });
});
