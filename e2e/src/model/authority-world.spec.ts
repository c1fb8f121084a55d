import { tell } from '@banyan/core/testing';
import { describe, expect, it } from '@jest/globals';
import { exploreAuthority, type Size, type Without } from './authority-world.js';

const FORWARD: Size = {
  goals: ['new'],
  begin: 'legacy',
  proxies: 2,
  direct: true,
  capture: false,
  native: 'to come',
  backfills: 0,
};
const BACK: Size = { goals: ['legacy'], begin: 'V2', proxies: 1, direct: true, native: 'to come', backfills: 0 };
/** One actor beside it at a time: with both it did not end within minutes. */
const THERE_AND_BACK: Size = { ...FORWARD, goals: ['new', 'legacy'], proxies: 1, capture: true, inStep: true };
const BACK_BESIDE_AN_IMPORT: Size = { ...BACK, proxies: 0, direct: false, native: 'done', backfills: 1 };

describe('writes that move', () => {
  it.each<[string, Size]>([
    ['forward', FORWARD],
    ['back', BACK],
    ['back, of a row that V2 has changed', { ...BACK, owned: true, inStep: true }],
    ['back beside an import', BACK_BESIDE_AN_IMPORT],
    ['there and back, beside a slow API', { ...THERE_AND_BACK, direct: false }],
    ['there and back, beside a client of legacy', { ...THERE_AND_BACK, native: 'none' }],
  ])('%s lose none, double none, and leave V2 and legacy equal', async (name, size) => {
    const explored = await exploreAuthority(size);
    tell(`authority, ${name}`, explored);
    expect(explored.violation).toBeUndefined();
    expect(explored.atRest).toBeGreaterThan(0);
  });

  it.each<[history: string, without: Without, size: Size]>([
    ['a slow API instance appends behind the drain of a hand-back', 'fence', BACK],
    [
      'an API instance decides between the fence and its announcement',
      'announcement',
      { ...BACK, owned: true, inStep: true },
    ],
    [
      'an import that was read before a hand-back arrives behind it',
      'version and epoch of imports',
      BACK_BESIDE_AN_IMPORT,
    ],
    ['a direct write begun before the move commits behind it', 'open writes', FORWARD],
    ['two proxies learn of a move at different times', 'every proxy', FORWARD],
    [
      'an old copy is changed in V2, and its whole row is sent to legacy',
      'rule 8',
      { ...FORWARD, direct: false, oldCopy: true },
    ],
    ['a hand-back turns before legacy has everything', 'drain', BACK],
    ['an import read between fence and drain comes behind the turn', 'own epoch', BACK_BESIDE_AN_IMPORT],
  ])('lose one or end apart where %s', async (_history, without, size) => {
    const { violation } = await exploreAuthority(size, without);
    expect(violation?.what).toMatch(/^an acknowledged write is lost|^a send stands/);
  });
});
