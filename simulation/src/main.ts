import { parseArgs } from 'node:util';
import { BUGS } from './bugs.js';
import { runSeed } from './run.js';
import { HAPPENINGS, Happenings } from './world/happenings.js';

if (!process.argv.includes('--trace')) Error.stackTraceLimit = 0;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    bugs: { type: 'boolean', default: false },
    bug: { type: 'string' },
    most: { type: 'string', default: '1000' },
    trace: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(`npm run simulate -- [--seeds N] [--from S]   N worlds, each judged; 1 when one of them breaks a promise
npm run simulate -- --seed S [--trace]          one world, told as it lives
npm run simulate -- --bugs [--bug NAME] [--most N]       worlds that are built wrongly; 1 when a wrong one gets away`);
} else if (values.bugs || values.bug !== undefined) {
  process.exitCode = (await findBugs(values.bug)) ? 0 : 1;
} else if (values.seed !== undefined) {
  process.exitCode = (await simulate(wholeNumber('seed', values.seed), 1)) ? 0 : 1;
} else {
  process.exitCode = (await simulate(wholeNumber('from', values.from), wholeNumber('seeds', values.seeds))) ? 0 : 1;
}

async function simulate(from: number, seeds: number): Promise<boolean> {
  const began = process.hrtime.bigint();
  let [bad, steps, acknowledged] = [0, 0, 0];
  const happenings = new Happenings();
  for (let seed = from; seed < from + seeds; seed += 1) {
    const verdict = await runSeed(seed, values.trace ? { tell } : {});
    steps += verdict.steps;
    acknowledged += verdict.acknowledged;
    happenings.addAll(verdict.happenings);
    if (verdict.problems.length === 0) continue;
    bad += 1;
    console.log(`seed ${seed} breaks a promise; see it again: npm run simulate -- --seed ${seed} --trace`);
    for (const problem of verdict.problems.slice(0, 8)) console.log(`  ${problem}`);
  }
  for (const line of happenings.inWords()) console.log(line);
  const never = HAPPENINGS.filter((what) => happenings.of(what) === 0);
  if (never.length > 0) console.log(`never happened: ${never.join(', ')}`);
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  console.log(
    `${seeds} worlds from seed ${from}: ${bad} broke a promise; ${acknowledged} acknowledged changes, ${steps} steps, ${seconds.toFixed(0)} s`,
  );
  return bad === 0;
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
  variant: (typeof BUGS)[number]['variant'],
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
