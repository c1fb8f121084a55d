import { describe, expect, it } from '@jest/globals';
import { isBypass } from './bypass.js';

const ported = { version: 3, hash: 'v1:third', earlier: ['v1:second', 'v1:imported', null] };

describe('a row that an import of a key of V2 read', () => {
  it.each([
    ['the row last ported', 'v1:third', false],
    ['the row before that: it may have been read before the port closed', 'v1:second', false],
    ['a row from before V2 owned the key', 'v1:imported', false],
    ['no row, as before the first: read before the create', null, false],
    ['a row that legacy never had by us', 'v1:by-hand', true],
  ])('%s', (_, hash, bypass) => {
    expect(isBypass({ version: 3, hash }, ported)).toBe(bypass);
  });

  it('is a bypass where a row that we left is gone', () => {
    expect(isBypass({ version: 3, hash: null }, { ...ported, earlier: ['v1:imported'] })).toBe(true);
  });

  it.each([2, 4])('is none while the row ported is that of another version (%i)', (version) => {
    expect(isBypass({ version, hash: 'v1:by-hand' }, ported)).toBe(false);
  });

  it('is none where nothing was ported yet', () => {
    expect(isBypass({ version: 1, hash: 'v1:by-hand' }, undefined)).toBe(false);
  });
});
