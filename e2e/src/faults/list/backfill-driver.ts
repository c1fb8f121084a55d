import { query } from '@banyan/postgres';
import { type BackfillRun, banyan } from '../../operator.js';
import { until } from '../../until.js';
import type { Arena } from '../arena.js';
import type { Fault } from '../fault.js';

/** kill -9 of `banyan backfill run`, once in each entity; then it goes on to its end. */
export const backfillDriver: Fault = {
  name: 'the driver of a backfill killed with SIGKILL after each entity',
  breaks: ['backfill'],
  strike: async (arena) => {
    const { world } = arena;
    const { hash } = await banyan<{ hash: string }>(world, 'backfill plan');
    for (const entity of ['customer', 'product', 'order']) {
      const driver = world.startBanyan(['backfill', 'run', '--plan', hash, '--json']);
      await begun(arena, hash, entity);
      driver.kill();
      const { code } = await driver.result;
      if (code === 0) throw new Error(`the driver had ended before it was killed in ${entity}`);
    }
    const run = await banyan<BackfillRun>(world, `backfill run --plan ${hash}`);
    return run.done ? undefined : [{ promise: 'P7', kind: 'other', what: `a backfill that was killed is not done` }];
  },
};

/** Until a chunk of this entity is in the checkpoints of the plan's run. */
async function begun({ books }: Arena, plan: string, entity: string): Promise<void> {
  const text =
    'select from banyan.run_entity as done join banyan.run on run.id = done.run where run.plan = $1 and entity = $2';
  const look = async () => ((await query(books.admin, text, [plan, entity])).length > 0 ? true : undefined);
  await until(`a chunk of ${entity} is moved`, look);
}
