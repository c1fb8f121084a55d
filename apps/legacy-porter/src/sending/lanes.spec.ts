import { describe, expect, it } from '@jest/globals';
import { Lanes, type PortSetting } from './lanes.js';

const SHARED = 10;

function lanesOf(settings: Readonly<Record<string, Partial<PortSetting>>>): Lanes {
  return new Lanes({
    consumers: Object.keys(settings),
    shared: SHARED,
    settingOf: (consumer) => ({ paused: false, sends: undefined, ...settings[consumer] }),
  });
}

/** Lanes in a fixed order. */
const open = (lanes: Lanes, flying: Readonly<Record<string, number>> = {}) =>
  [...lanes.open((consumer) => flying[consumer] ?? 0)].sort((a, b) =>
    a.consumers.join().localeCompare(b.consumers.join()),
  );

const mayEnter = (lanes: Lanes, consumer: string, inside: Readonly<Record<string, number>> = {}) =>
  lanes.mayEnter(consumer, (one) => inside[one] ?? 0);

describe('the lanes of a porter', () => {
  it('are one for all ports that were given no number', () => {
    const lanes = lanesOf({ a: {}, b: {}, c: {} });
    expect(open(lanes)).toEqual([{ consumers: ['a', 'b', 'c'], room: 15 }]);
    expect(open(lanes, { a: 3, b: 4 })).toEqual([{ consumers: ['a', 'b', 'c'], room: 8 }]);
    expect(open(lanes, { a: 15 })).toEqual([]);
    expect([lanes.total(), lanes.limitOf('a')]).toEqual([10, 10]);
    expect([mayEnter(lanes, 'b', { a: 6, b: 3 }), mayEnter(lanes, 'b', { a: 10 })]).toEqual(['now', 'later']);
  });

  it('give a port with a number of its own neither more nor less than that, and half as many to follow', () => {
    const lanes = lanesOf({ a: {}, b: { sends: 2 }, c: { sends: 40 } });
    expect(open(lanes, { a: 9, b: 1, c: 39 })).toEqual([
      { consumers: ['a'], room: 6 },
      { consumers: ['b'], room: 2 },
      { consumers: ['c'], room: 21 },
    ]);
    const inside = { a: 10, b: 1, c: 40 };
    expect(['a', 'b', 'c'].map((consumer) => mayEnter(lanes, consumer, inside))).toEqual(['later', 'now', 'later']);
    expect([lanes.total(), lanes.limitOf('b'), lanes.limitOf('c')]).toEqual([52, 2, 40]);
    expect(lanesOf({ b: { sends: 2 } }).total()).toBe(2);
  });

  it('begin nothing for a port that is paused, and keep the room of what it still has under way', () => {
    const lanes = lanesOf({ a: { paused: true }, b: {}, c: { paused: true, sends: 5 } });
    expect(open(lanes, { a: 4 })).toEqual([{ consumers: ['b'], room: 11 }]);
    expect([mayEnter(lanes, 'a'), mayEnter(lanes, 'b', { a: 4 }), mayEnter(lanes, 'c')]).toEqual(['not', 'now', 'not']);
    expect(lanes.total()).toBe(15);
    expect(open(lanesOf({ a: { paused: true } }))).toEqual([]);
  });

  it('take turns, since the target may bear fewer than they are together', () => {
    const lanes = lanesOf({ a: {}, b: { sends: 2 }, c: { sends: 3 } });
    const first = Array.from({ length: 3 }, () => lanes.open(() => 0)[0]?.consumers.join());
    expect([...first].sort()).toEqual(['a', 'b', 'c']);
  });
});
