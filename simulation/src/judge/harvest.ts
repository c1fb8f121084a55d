import { HEADER } from '@banyan/contracts';
import { TOPIC } from '../world/api.js';
import type { World } from '../world/world.js';
import type { FoldedLog } from './fold-log.js';
import { sinksOf, storedClosed } from './sinks.js';

const OUTCOMES = ['effective', 'unchanged', 'superseded', 'duplicate', 'stale', 'conflict', 'invalid'] as const;

/** Counts what has happened and can be read at the end. */
export function harvest(world: World, { tally }: FoldedLog): void {
  const { happenings, log } = world;
  for (const outcome of OUTCOMES) happenings.add(`outcome ${outcome}`, tally[outcome]);
  for (const sink of sinksOf(world)) {
    const closed = storedClosed(sink);
    const times = (kind: (typeof closed)[number]['kind']) => closed.filter((one) => one.kind === kind).length;
    const restated = closed.filter(({ kind, why }) => kind === 'state' && why.startsWith('restated by ')).length;
    happenings.add('parked event passed by an import', times('state') - restated);
    happenings.add('parked event passed by a restatement', restated);
    happenings.add('effect given up', times('effect'));
    happenings.add('send given up', times('send'));
  }
  for (const records of Map.groupBy(log.records(TOPIC), ({ key }) => key).values()) {
    const ids = records.map(({ headers }) => headers[HEADER.id]);
    const late = ids.filter((id, at) => at > 0 && id !== ids[at - 1] && ids.indexOf(id) < at);
    happenings.add('copy behind a newer record of its key', late.length);
  }
}
