import { describe, expect, it } from '@jest/globals';
import { type BeforeWrite, decideWrite } from './compare-and-set.js';

const OLD = 'hash-of-the-row-last-ported';
const NEW = 'hash-of-the-row-as-wanted';
const OTHER = 'hash-of-a-row-somebody-else-wrote';

type Case = [BeforeWrite['operation'], BeforeWrite['found'], boolean, boolean, string];
const WANTED = { create: NEW, update: NEW, delete: null } as const;
const EXPECTED = { create: undefined, update: OLD, delete: OLD } as const;

describe('compare-and-set', () => {
  it.each<Case>([
    // operation, found, may have arrived, settled
    ['create', null, false, false, 'write'],
    ['create', NEW, false, false, 'done'],
    ['create', OTHER, false, false, 'bypass'],
    ['create', null, true, false, 'wait'],
    ['create', null, true, true, 'write'],
    ['create', NEW, true, false, 'done'],
    ['create', OTHER, true, false, 'wait'],
    ['create', OTHER, true, true, 'bypass'],
    ['update', OLD, false, false, 'write'],
    ['update', NEW, false, false, 'done'],
    ['update', OTHER, false, false, 'bypass'],
    ['update', null, false, false, 'bypass'],
    ['update', OLD, true, false, 'wait'],
    ['update', OLD, true, true, 'write'],
    ['update', NEW, true, false, 'done'],
    ['update', OTHER, true, false, 'wait'],
    ['update', OTHER, true, true, 'bypass'],
    ['update', null, true, false, 'wait'],
    ['update', null, true, true, 'bypass'],
    ['delete', OLD, false, false, 'write'],
    ['delete', null, false, false, 'bypass'],
    ['delete', OTHER, false, false, 'bypass'],
    ['delete', OLD, true, false, 'wait'],
    ['delete', OLD, true, true, 'write'],
    ['delete', null, true, false, 'done'],
    ['delete', OTHER, true, false, 'wait'],
    ['delete', OTHER, true, true, 'bypass'],
  ])('%s, legacy has %s, may have arrived %s, settled %s: %s', (operation, found, mayHaveArrived, settled, type) => {
    const look = {
      operation,
      found,
      mayHaveArrived,
      settled,
      wanted: WANTED[operation],
      expected: EXPECTED[operation],
    };
    expect(decideWrite(look).type).toBe(type);
  });

  it('waits for an unclear change of nothing: executed late it would cover the next one', () => {
    const look = { operation: 'update', found: OLD, wanted: OLD, expected: OLD, mayHaveArrived: true } as const;
    expect(decideWrite({ ...look, settled: false })).toEqual({ type: 'wait' });
    expect(decideWrite({ ...look, settled: true })).toEqual({ type: 'done' });
  });

  it('never overwrites a row that nobody ever saw', () => {
    const look = { operation: 'update', found: OLD, wanted: NEW, mayHaveArrived: false, settled: true } as const;
    expect(decideWrite({ ...look, expected: undefined })).toMatchObject({ type: 'bypass' });
  });
});
