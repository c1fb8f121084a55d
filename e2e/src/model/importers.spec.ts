import { tell } from '@banyan/core/testing';
import { describe, expect, it } from '@jest/globals';
import { exploreImporters, type Without, type Write } from './importers.js';

describe('a row that legacy’s client writes while it is imported', () => {
  it.each<[readonly Write[], number]>([
    [['change'], 1],
    [['delete'], 1],
    [['change', 'delete'], 0],
    [['change', 'change'], 0],
  ])('ends in V2 as it is in legacy: %j, and %d beside it', async (writes, backfills) => {
    const explored = await exploreImporters(writes, backfills);
    tell(`importers ${JSON.stringify(writes)}`, explored);
    expect(explored.violation).toBeUndefined();
    expect(explored.atRest).toBeGreaterThan(0);
  });

  it.each<[history: string, without: Without, writes: readonly Write[], what: string]>([
    [
      'an import reads before it observes, so that an older row wins',
      'observe before read',
      ['change'],
      'V2 has an older row than legacy',
    ],
    [
      'an import names no version, so that a late one wins',
      'expected version',
      ['change'],
      'V2 has an older row than legacy',
    ],
    ['a row is read, deleted, and then published', 'absence', ['delete'], 'V2 has what legacy deleted'],
  ])('ends otherwise where %s', async (_history, without, writes, what) => {
    expect((await exploreImporters(writes, 1, without)).violation?.what).toBe(what);
    expect((await exploreImporters(writes, 1)).violation).toBeUndefined();
  });
});
