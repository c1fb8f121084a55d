import { HEADER } from '@banyan/contracts';
import { createMemorySinkStore } from '@banyan/sink/testing';
import { TOPIC } from '../world/api.js';
import type { World } from '../world/world.js';
import type { FoldedLog } from './fold-log.js';
import { sinksOf } from './sinks.js';

const OUTCOMES = ['effective', 'unchanged', 'superseded', 'duplicate', 'stale', 'conflict', 'invalid'] as const;

/** Counts what has happened and can be read at the end. */
export async function harvest(world: World, { tally }: FoldedLog): Promise<void> {
  const { happenings, log } = world;
  for (const outcome of OUTCOMES) happenings.add(`outcome ${outcome}`, tally[outcome]);
  for (const { consumer, database } of sinksOf(world)) {
    const store = createMemorySinkStore({ session: database.session(), schema: 'judged', consumer });
    for (const { discarded } of await store.tallies()) happenings.add('parked event passed by an import', discarded);
  }
  for (const records of Map.groupBy(log.records(TOPIC), ({ key }) => key).values()) {
    const ids = records.map(({ headers }) => headers[HEADER.id]);
    const late = ids.filter((id, at) => at > 0 && id !== ids[at - 1] && ids.indexOf(id) < at);
    happenings.add('copy behind a newer record of its key', late.length);
  }
}
