import { eventHeaders, HEADER } from '@banyan/contracts';
import { PARTITIONS, TOPIC } from './api.js';
import type { World } from './world.js';

/** What is wrong with a record, each enough to make it take no effect anywhere. */
const WRONGS: readonly ((headers: Record<string, string>) => Record<string, string>)[] = [
  ({ [HEADER.id]: _, ...others }) => others,
  ({ [HEADER.epoch]: _, ...others }) => others,
  (headers) => ({ ...headers, [HEADER.epoch]: '99' }),
  (headers) => ({ ...headers, [HEADER.expectedVersion]: '1000' }),
  (headers) => ({ ...headers, [HEADER.origin]: 'backfill' }),
  (headers) => ({ ...headers, [HEADER.liveness]: 'undead' }),
];

/** Somebody appends a record that none of our applications would, of a note that is known, of an unknown one, or of none. */
export async function intrude(world: World): Promise<void> {
  const { random, ledger, log } = world;
  const id = world.newId();
  const known = ledger.notes.flatMap((note) => note.id ?? []);
  const key = random.pick([known.length > 0 ? random.pick(known) : world.newId(), world.newId(), 'no entity']);
  const right = eventHeaders({
    id,
    type: 'sim.note.v1.NoteExtended',
    source: 'intruder',
    timeMs: 0,
    subject: key,
    origin: 'api',
    expectedVersion: 0,
    epoch: 0,
    liveness: 'live',
  });
  const record = {
    topic: TOPIC,
    partition: random.below(PARTITIONS),
    key,
    value: Buffer.from(JSON.stringify({ word: `intruded-${id}` })),
    headers: random.pick(WRONGS)(right),
  };
  world.tell(`somebody appends ${JSON.stringify(record.headers)} of ${key}`);
  await (await log.appender()).append(record);
}
