import { describe, expect, it } from '@jest/globals';
import { clean, judge, type Lying, type Sent } from './judge.js';

/** Ids are `<key><number>`; `acked` gives the offsets they were acknowledged at, in partition 0. */
const sent = (acked: Readonly<Record<string, number | undefined>>): Sent[] =>
  Object.entries(acked).map(([id, offset]) => ({
    id,
    key: id.slice(0, 1),
    number: Number(id.slice(1)),
    acked: offset === undefined ? undefined : { partition: 0, offset: BigInt(offset) },
  }));

const log = (...ids: string[]): Lying[] =>
  ids.map((id, index) => ({ id, key: id.slice(0, 1), partition: 0, offset: BigInt(index) }));

describe('judge', () => {
  it('finds nothing wrong where every acknowledged record lies once, in order, where it was acknowledged', () => {
    expect(judge(sent({ a1: 0, b1: 1, a2: 2 }), log('a1', 'b1', 'a2'))).toEqual(clean(3));
  });

  it('tells a lost record, also where another lies at its place', () => {
    expect(judge(sent({ a1: 0, a2: 1 }), log('a1'))).toMatchObject({ lost: ['a2'], elsewhere: ['a2'] });
    expect(judge(sent({ a1: 0, b1: 0 }), log('a1', 'a1'))).toMatchObject({
      lost: ['b1'],
      elsewhere: ['b1'],
      doubled: ['a1'],
    });
  });

  it('counts every copy too many, and those that lie behind a newer record of the key', () => {
    expect(judge(sent({ a1: 0, a2: 1, b1: 2 }), log('a1', 'a2', 'b1', 'a1', 'b1', 'a1'))).toMatchObject({
      doubled: ['a1', 'a1', 'b1'],
      stale: ['a1', 'a1'],
      reordered: [],
    });
  });

  it('tells a record that lies before an older one of its key, and no other', () => {
    expect(judge(sent({ a1: 2, a2: 0, a3: 3, b1: 1 }), log('a2', 'b1', 'a1', 'a3'))).toMatchObject({
      reordered: ['a2'],
      lost: [],
      elsewhere: [],
      stale: [],
    });
  });

  it('counts what was refused, what of it is in the log, and what nobody sent', () => {
    expect(judge(sent({ a1: undefined, a2: undefined }), log('a2', 'x9'))).toMatchObject({
      acknowledged: 0,
      rejected: 2,
      rejectedYetWritten: 1,
      foreign: ['x9'],
      reordered: [],
    });
  });
});
