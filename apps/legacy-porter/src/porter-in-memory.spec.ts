import { RECEIPTS_TOPIC } from '@banyan/contracts';
import { newId } from '@banyan/core';
import { describe, expect, it } from '@jest/globals';
import { TABLE } from './testing/memory-store/rows.js';
import { PorterInMemory, type PorterLife } from './testing/porter-in-memory.js';
import { PATH } from './testing/things.js';

type Comparing = ConstructorParameters<typeof PorterInMemory>[0];

/** A thing that is made and changed, one that is only made, and one that is gone again. */
async function given(by: Comparing): Promise<{ readonly world: PorterInMemory; readonly events: readonly string[] }> {
  const world = new PorterInMemory(by);
  await world.log.createTopics([{ name: RECEIPTS_TOPIC, partitions: 1 }]);
  const [a, b, c] = [newId(), newId(), newId()] as [string, string, string];
  const events = [
    world.happened(a, 0, { name: 'a' }),
    world.happened(b, 0, { name: 'b' }),
    world.happened(c, 0, { name: 'c' }),
    world.happened(a, 1, { name: 'a, changed' }),
    world.happened(c, 1, null),
  ];
  return { world, events };
}

const done =
  ({ log, database }: PorterInMemory, events: readonly string[]) =>
  () =>
    log.records(RECEIPTS_TOPIC).length >= events.length &&
    database.committed(TABLE.work).length === 0 &&
    database.committed(TABLE.receipt).length === 0;

async function expectAllPorted(world: PorterInMemory, events: readonly string[], lives: readonly PorterLife[]) {
  const { legacy } = world.things;
  expect(
    legacy
      .rows(PATH)
      .map(({ Name }) => Name)
      .toSorted(),
  ).toEqual(['a, changed', 'b']);
  expect(legacy.executed.filter(({ method }) => method === 'POST')).toHaveLength(3);
  const receipts = await world.receipts();
  expect(receipts.map(({ outcome }) => outcome)).toEqual(events.map(() => 'ported'));
  expect(receipts.map(({ eventId }) => eventId).toSorted()).toEqual(events.toSorted());
  expect(lives.flatMap(({ errors }) => errors)).toEqual([]);
}

describe.each(['look', 'if-match'] as const)('a porter in memory (%s)', (by) => {
  it('takes in, sends and tells of every event, in virtual time', async () => {
    const { world, events } = await given(by);
    const life = await world.porter('porter-0');
    await world.time.until(done(world, events));
    await expectAllPorted(world, events, [life]);
    life.kill();
  });

  it('does each once, whichever statement it is killed at, when it comes up again', async () => {
    let killed = true;
    for (let at = 1; killed; at += 1) {
      const { world, events } = await given(by);
      let steps = 0;
      killed = false;
      let life: PorterLife | undefined;
      const first = await world.porter('porter-0', () => {
        steps += 1;
        if (steps !== at || life === undefined) return;
        killed = true;
        life.kill();
      });
      life = first;
      steps = 0;
      await world.time.until(() => killed || done(world, events)());
      const second = killed ? await world.porter('porter-0') : first;
      await world.time.until(done(world, events));
      await expectAllPorted(world, events, [first, second]);
      second.kill();
      if (!killed) expect(at).toBeGreaterThan(50);
    }
  }, 60_000);
});
