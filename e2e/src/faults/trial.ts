import { note } from '../testing/ledger.js';
import { drained } from '../testing/once-in-both.js';
import { until } from '../until.js';
import type { Arena } from './arena.js';
import { CHECKS } from './checks/all-checks.js';
import type { Fault } from './fault.js';
import { FINDING_KINDS, type Finding } from './finding.js';
import { nameOf } from './list/all-faults.js';
import { oldRows } from './old-rows.js';

export interface TrialOptions {
  /** New orders that are acknowledged before the fault comes, and behind its end. */
  readonly orders?: number;
  /** Where a line about it is written down; default: the file named by BANYAN_LEDGER, if any. */
  readonly ledger?: string | undefined;
}

export interface TrialResult {
  readonly faults: string;
  /** Acknowledged. */
  readonly writes: number;
  /** Nothing = every promise was kept. */
  readonly found: readonly Finding[];
  readonly seconds: number;
  /** Of these: until the fault was over, until as much was acknowledged behind it as before, until nothing was left to do, and until all was looked at. */
  readonly parts: Readonly<Record<'struck' | 'healed' | 'drained' | 'looked', number>>;
  /** Processes that ended by themselves and were started again. */
  readonly ended: readonly string[];
  /** Why callers asked again, the commonest first. */
  readonly said: readonly string[];
}

/** Rows that legacy gets behind Banyan's back before each trial: their import and their first change are under way together. */
const OLD_ROWS = 3;

/**
 * Writes at both doors, old rows that are imported and changed at the same time, the faults in their midst; then, when all is at rest, every
 * promise is looked at. Throws when a fault did not come about, or what it broke did not heal.
 */
export async function runTrial(
  arena: Arena,
  faults: readonly Fault[],
  { orders = 8, ledger }: TrialOptions = {},
): Promise<TrialResult> {
  const watch = new StopWatch();
  const { doors, world } = arena;
  const before = doors.counts;
  const name = nameOf(faults);
  const found: Finding[] = [];
  const imports = !faults.some(({ breaks }) => breaks.includes('backfill'));
  if (imports) doors.changeToo(await oldRows(arena, 'old', OLD_ROWS));
  doors.resume();
  let struck = 0;
  const running = imports ? world.startBanyan(['backfill', 'run', '--plan', arena.plan, '--json']) : undefined;
  try {
    await doors.acknowledgeMore(orders, 60_000);
    for (const ofOne of await Promise.all(faults.map((fault) => fault.strike(arena)))) found.push(...(ofOne ?? []));
    struck = watch.lap();
    await doors.acknowledgeMore(orders, 120_000);
    await until('each old row is changed', async () => (doors.untouched === 0 ? true : undefined), 60_000);
    // It may have been broken off by the fault: what it left is brought by the next one.
    await running?.result;
  } finally {
    running?.kill();
    await doors.stop();
  }
  const healed = watch.lap();
  await drained(world).catch((error: unknown) => found.push({ promise: 'drain', kind: 'other', what: String(error) }));
  const drainedSeconds = watch.lap();
  found.push(...(await lookAtAll(arena)));
  const looked = watch.lap();
  const fresh = found.filter(({ promise, what }) => !arena.told.has(`${promise} ${what}`));
  for (const { promise, what } of fresh) arena.told.add(`${promise} ${what}`);
  const counts = {
    orders: doors.counts.creates - before.creates,
    changes: doors.counts.updates - before.updates,
    askedAgain: doors.counts.askedAgain - before.askedAgain,
  };
  const [lost = 0, doubled = 0, covered = 0, unowned = 0, other = 0] = FINDING_KINDS.map(
    (kind) => fresh.filter((one) => one.kind === kind).length,
  );
  note({ fault: name, ...counts, lost, doubled, covered, unowned, other, drainedSeconds }, ledger);
  return {
    faults: name,
    writes: counts.orders + counts.changes,
    found: fresh,
    seconds: watch.seconds,
    parts: { struck, healed, drained: drainedSeconds, looked },
    ended: arena.takeEnded(),
    said: doors.said,
  };
}

class StopWatch {
  readonly #begun = performance.now();
  #last = this.#begun;

  get seconds(): number {
    return tenths(performance.now() - this.#begun);
  }

  /** Seconds since the last one. */
  lap(): number {
    const now = performance.now();
    const seconds = tenths(now - this.#last);
    this.#last = now;
    return seconds;
  }
}

function tenths(ms: number): number {
  return Math.round(ms / 100) / 10;
}

async function lookAtAll(arena: Arena): Promise<readonly Finding[]> {
  await arena.books.log.read();
  const found: Finding[] = [];
  for (const check of CHECKS) found.push(...(await check(arena)));
  return found;
}
