import { describe, expect, it } from '@jest/globals';
import { copyOf } from './copy-of.js';

describe('a copy of a row', () => {
  const row = { text: 'a', none: null, missing: undefined, big: 7n, list: [{ deep: [1] }], at: new Date(5) };

  it('is the same, and shares nothing with it', () => {
    const copy = copyOf(row);
    expect(copy).toStrictEqual(structuredClone(row));
    copy.list[0]?.deep.push(2);
    expect(row.list).toEqual([{ deep: [1] }]);
  });

  it('has its bytes as plain ones, in memory of their own', () => {
    const bytes = Buffer.from('fig');
    const { value } = copyOf<{ value: Uint8Array }>({ value: bytes });
    bytes.fill(0);
    expect([Buffer.isBuffer(value), Buffer.from(value).toString()]).toEqual([false, 'fig']);
  });

  it('refuses what no database could hold', () => {
    expect(() => copyOf({ run: () => 0 })).toThrow('a row holds no function');
  });
});
