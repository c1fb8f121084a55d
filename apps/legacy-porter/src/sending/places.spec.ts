import { VirtualTime } from '@banyan/core/testing';
import { describe, expect, it } from '@jest/globals';
import { type Entry, type MayEnter, Places } from './places.js';

function placesOf(limit: number) {
  const time = new VirtualTime();
  const now = { limit, resting: new Set<string>(), most: new Map<string, number>() };
  const ended: string[] = [];
  const places = new Places({
    clock: time,
    limit: () => now.limit,
    mayEnter: (consumer, inside): MayEnter => {
      if (now.resting.has(consumer)) return 'not';
      return inside(consumer) < (now.most.get(consumer) ?? Number.POSITIVE_INFINITY) ? 'now' : 'later';
    },
  });
  const come = async (name: string, consumer = 'a'): Promise<void> => {
    const entry: Entry = await places.enter(consumer);
    ended.push(entry === 'entered' ? name : `${name} ${entry}`);
  };
  /** What became of whoever came, in this order. */
  const told = async (): Promise<readonly string[]> => {
    await Promise.resolve();
    await Promise.resolve();
    return ended.splice(0);
  };
  return { time, now, places, come, told };
}

describe('the places at a target', () => {
  it('are given away as they become free, first come, first served', async () => {
    const { places, come, told } = placesOf(2);
    for (const name of ['1', '2', '3', '4']) void come(name);
    expect([await told(), places.taken]).toEqual([['1', '2'], 2]);
    places.leave('a');
    places.admit();
    expect([await told(), places.taken]).toEqual([['3'], 2]);
    places.leave('a');
    places.leave('a');
    places.admit();
    expect([await told(), places.taken]).toEqual([['4'], 1]);
  });

  it('are as many as the target bears now', async () => {
    const { now, places, come, told } = placesOf(1);
    for (const name of ['1', '2', '3', '4']) void come(name);
    now.limit = 3;
    places.admit();
    expect(await told()).toEqual(['1', '2', '3']);
    now.limit = 1;
    places.leave('a');
    places.admit();
    expect([await told(), places.taken]).toEqual([[], 2]);
  });

  it('do not wait for a port that has as many as it may', async () => {
    const { now, places, come, told } = placesOf(3);
    now.most.set('a', 1);
    for (const [name, consumer] of [
      ['a1', 'a'],
      ['a2', 'a'],
      ['b1', 'b'],
      ['b2', 'b'],
    ] as const)
      void come(name, consumer);
    expect([await told(), places.inside('a'), places.inside('b')]).toEqual([['a1', 'b1', 'b2'], 1, 2]);
    places.leave('a');
    places.admit();
    expect(await told()).toEqual(['a2']);
  });

  it('are refused to all while the target is left alone, and to a port that rests: what waited, and what comes', async () => {
    const { now, places, come, told } = placesOf(1);
    for (const [name, consumer] of [
      ['a1', 'a'],
      ['a2', 'a'],
      ['b1', 'b'],
    ] as const)
      void come(name, consumer);
    now.resting.add('a');
    places.admit();
    expect(await told()).toEqual(['a1', 'a2 dismissed']);
    now.limit = 0;
    void come('b2', 'b');
    expect([await told(), places.taken]).toEqual([['b1 dismissed', 'b2 dismissed'], 1]);
  });

  it('are refused once they are closed', async () => {
    const { places, come, told } = placesOf(1);
    void come('1');
    void come('2');
    places.close();
    void come('3');
    expect(await told()).toEqual(['1', '2 dismissed', '3 dismissed']);
  });

  it('say when one came so late that what was read for the send may be of the past', async () => {
    const { time, places, come, told } = placesOf(1);
    for (const name of ['1', '2', '3']) void come(name);
    await time.pass(999);
    places.leave('a');
    places.admit();
    await time.pass(1);
    places.leave('a');
    places.admit();
    expect(await told()).toEqual(['1', '2', '3 entered-late']);
  });
});
