import { HEADER, type LogRecord } from '@banyan/contracts';
import { Random } from '@banyan/core/testing';
import { judge } from './judge/judge.js';
import { realTime, virtualTime } from './platform/virtual-time.js';
import { TOPIC } from './world/api.js';
import type { Happenings } from './world/happenings.js';
import { World, type WorldOptions } from './world/world.js';

export interface Verdict {
  readonly seed: number;
  readonly problems: readonly string[];
  readonly steps: number;
  readonly virtualMs: number;
  readonly acknowledged: number;
  readonly happenings: Happenings;
}

/** Lives one world through, and judges it. */
export async function runSeed(seed: number, options: WorldOptions = {}): Promise<Verdict> {
  const world = new World(seed, options);
  virtualTime(world.scheduler, new Random(seed + 1));
  try {
    const open = await world.live();
    const problems = [
      ...world.problems,
      ...open.map((what) => `did not come to its end: ${what}`),
      ...(open.length > 0 ? [] : await judge(world)),
    ];
    for (const record of world.log.records(TOPIC)) world.tell(inWords(record));
    const acknowledged = world.ledger.entries.filter(({ fate }) => fate === 'done').length;
    const { scheduler, happenings } = world;
    return { seed, problems, steps: scheduler.steps, virtualMs: scheduler.nowMs, acknowledged, happenings };
  } finally {
    realTime();
  }
}

function inWords({ partition, offset, key, headers, value }: LogRecord): string {
  const what = headers[HEADER.origin] ?? headers[HEADER.marker];
  const decided = `version ${headers[HEADER.expectedVersion]}, epoch ${headers[HEADER.epoch]}`;
  return `${partition}/${offset} ${key} ${headers[HEADER.id]} ${what} by ${headers[HEADER.source]} on ${decided}: ${value}`;
}
