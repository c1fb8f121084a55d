import { parseArgs } from 'node:util';
import { BUGS } from './bugs/bugs.js';
import { runSeed } from './run.js';
import { type Summary, simulate } from './simulate.js';
import { simulateOn } from './workers.js';
import { HAPPENINGS } from './world/happenings.js';
import type { Variant } from './world/variant.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    workers: { type: 'string', default: '1' },
    seed: { type: 'string' },
    bugs: { type: 'boolean', default: false },
    bug: { type: 'string' },
    most: { type: 'string', default: '1000' },
    trace: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
// The stacks of errors that are part of a world cost much, and say nothing: somebody who looks for a reason traces.
if (!values.trace) Error.stackTraceLimit = 0;

if (values.help) {
  console.log(`npm run simulate -- [--seeds N] [--from S] [--workers W]   N worlds, each judged; 1 when one of them breaks a promise
npm run simulate -- --seed S [--trace]                     one world, told as it lives
npm run simulate -- --bugs [--bug NAME] [--most N]         worlds that are built wrongly; 1 when a wrong one gets away`);
} else if (values.bugs || values.bug !== undefined) {
  process.exitCode = (await findBugs(values.bug)) ? 0 : 1;
} else if (values.seed !== undefined) {
  process.exitCode = (await worlds(wholeNumber('seed', values.seed), 1)) ? 0 : 1;
} else {
  process.exitCode = (await worlds(wholeNumber('from', values.from), wholeNumber('seeds', values.seeds))) ? 0 : 1;
}

async function worlds(from: number, count: number): Promise<boolean> {
  const began = process.hrtime.bigint();
  const workers = Math.min(count, wholeNumber('workers', values.workers));
  const seeds = { from, count, step: 1 };
  const summary = workers > 1 ? await simulateOn(workers, seeds) : await simulate(seeds, values.trace ? { tell } : {});
  const { bad, steps, acknowledged } = summary;
  tellWhatHappened(summary);
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  console.log(
    `${count} worlds from seed ${from}: ${bad} broke a promise; ${acknowledged} acknowledged changes, ${steps} steps, ${seconds.toFixed(0)} s`,
  );
  return bad === 0;
}

function tellWhatHappened({ happened }: Summary): void {
  for (const what of HAPPENINGS) console.log(`${String(happened.get(what) ?? 0).padStart(9)}  ${what}`);
  const never = HAPPENINGS.filter((what) => !happened.has(what));
  if (never.length > 0) console.log(`never happened: ${never.join(', ')}`);
}

async function findBugs(only: string | undefined): Promise<boolean> {
  const bugs = BUGS.filter(({ name }) => only === undefined || name === only);
  if (bugs.length === 0)
    throw new Error(`--bug ${only} is not known; one of: ${BUGS.map(({ name }) => name).join(', ')}`);
  let away = 0;
  for (const { name, what, variant } of bugs) {
    const found = await firstBadSeed(variant);
    if (found === undefined) away += 1;
    console.log(
      found === undefined
        ? `NOT FOUND  ${name}: ${what} (in ${values.most} worlds)`
        : `found      ${name}: ${what} (seed ${found.seed}: ${found.problem})`,
    );
  }
  console.log(`${bugs.length - away} of ${bugs.length} bugs found`);
  return away === 0;
}

async function firstBadSeed(
  variant: Variant,
): Promise<{ readonly seed: number; readonly problem: string } | undefined> {
  for (let seed = 1; seed <= wholeNumber('most', values.most); seed += 1) {
    const [problem] = (await runSeed(seed, { variant })).problems;
    if (problem !== undefined) return { seed, problem };
  }
  return undefined;
}

function tell(atMs: number, what: string): void {
  console.log(`${atMs.toFixed(1).padStart(10)} ms  ${what}`);
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new Error(`--${name} is a whole number above 0, not "${text}"`);
}
