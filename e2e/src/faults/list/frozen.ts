import { setTimeout as delay } from 'node:timers/promises';
import { topicName } from '@banyan/contracts';
import { SESSION_TIMEOUT_MS } from '@banyan/kafka';
import { query } from '@banyan/postgres';
import { topicOf } from '@banyan/transformer';
import { until } from '../../until.js';
import type { Arena } from '../arena.js';
import type { Fault } from '../fault.js';
import { type Consuming, ready, startSecond } from './second-instance.js';

/** Until the broker has given up who says nothing, and the database its open transaction. */
const TAKEN_OVER_MS = 60_000;
const STORE: Readonly<Record<Consuming, { readonly schema: string; readonly consumer: string }>> = {
  'v2-projector': { schema: 'v2', consumer: 'order' },
  'legacy-porter': { schema: 'porter', consumer: 'order.backend' },
};

/** SIGSTOP until another instance has taken over every partition, and so long past its session as the arena says; then SIGCONT. */
export const frozen: readonly Fault[] = (['v2-projector', 'legacy-porter'] as const).map((name) => ({
  name: `${name} frozen past its session, while another instance takes over`,
  breaks: [name],
  strike: async (arena) => {
    const { world, doors } = arena;
    const app = world.app(name);
    const second = await startSecond(world, name);
    try {
      const thawsAt = performance.now() + SESSION_TIMEOUT_MS + arena.frozenMs;
      app.freeze();
      try {
        await routePorterTo(arena, name, second.url);
        await doors.acknowledgeMore(4, TAKEN_OVER_MS);
        await takenOver(arena, name);
        await delay(Math.max(0, thawsAt - performance.now()));
      } finally {
        app.thaw();
        await routePorterTo(arena, name, world.urls[name]);
      }
      await ready(name, world.urls[name]);
      await doors.acknowledgeMore(4, TAKEN_OVER_MS);
    } finally {
      await second.app.stop();
    }
    return undefined;
  },
}));

/** Where a service stands before several porters, it leads to one that answers. */
async function routePorterTo({ linked }: Arena, name: Consuming, url: string): Promise<void> {
  if (name !== 'legacy-porter') return;
  const { porter } = linked.links;
  await porter.down();
  porter.leadTo(url);
  await porter.up();
}

/** What is in the topic now is behind the stored position, in every partition. */
async function takenOver({ books, world }: Arena, name: Consuming): Promise<void> {
  const { schema, consumer } = STORE[name];
  const ends = await books.eventLog.ends(topicName(world.topicPrefix, topicOf(books.entity)));
  const all = async () => {
    const rows = await query<{ partition: number; next: number }>(
      books.admin,
      `select partition, next_offset as next from ${schema}.sink_offset where consumer = $1`,
      [consumer],
    );
    const next = new Map(rows.map((row) => [row.partition, BigInt(row.next)]));
    return ends.every(({ partition, high }) => (next.get(partition) ?? 0n) >= high) ? true : undefined;
  };
  await until(`another ${name} has taken over every partition`, all, TAKEN_OVER_MS);
}
