import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Arguments, parseArguments, USAGE } from './arguments.js';
import { benchNamed } from './benches.js';
import { killArms } from './harness/arm-process.js';
import { type Goal, goalLine } from './harness/goals.js';
import { type BenchResult, writeResult } from './harness/result.js';
import { runBench } from './harness/run-bench.js';
import { stopStacks } from './harness/stack.js';
import { tableOf } from './harness/talk.js';

const GOALS = new URL('../goals.json', import.meta.url);
const PAGES = fileURLToPath(new URL('../../tools/benchmarks.mjs', import.meta.url));

/** Results are data and go to stdout; what happens meanwhile goes to stderr. */
const say = (line: string) => process.stderr.write(`${line}\n`);
const tell = (text: string) => process.stdout.write(`${text}\n`);

async function main(): Promise<number> {
  let given: Arguments;
  try {
    given = parseArguments(process.argv.slice(2));
  } catch (error) {
    say(`${messageOf(error)}\n${USAGE}`);
    return 2;
  }
  const goals = JSON.parse(readFileSync(GOALS, 'utf8')) as Readonly<Record<string, readonly Goal[]>>;
  const { quick, json, rounds, seed } = given;
  const results: BenchResult[] = [];
  for (const name of given.benches) {
    const result = await runBench(benchNamed(name, { quick }), { goals: goals[name] ?? [], rounds, seed, say });
    results.push(result);
    if (!json) tell(`\n${tableOf(result)}\n`);
    if (!quick) say(`written to ${writeResult(result)}`);
  }
  // The page says what the files say.
  if (!quick) spawnSync(process.execPath, [PAGES], { stdio: ['ignore', 2, 2] });
  const lines = results.map(({ bench, goals: judged }) => goalLine(bench, judged)).join(' | ');
  const last = `${quick ? 'quick, nothing is judged by it: ' : ''}${lines}`;
  if (json) {
    tell(JSON.stringify(results, null, 2));
    say(last);
  } else tell(last);
  return quick || results.every((result) => result.goals.every(({ met }) => met)) ? 0 : 1;
}

/** Nothing that was started outlives this process: arms first, they would only wait for what is going away. */
async function cleanUp(): Promise<void> {
  await killArms();
  await stopStacks();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

let ending = false;
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  // It may come up to three times: from the terminal, through npm and through tools/run.mjs.
  process.on(signal, () => {
    if (ending) return;
    ending = true;
    say('\nstopping …');
    void cleanUp().finally(() => process.exit(code));
  });
}

main()
  .catch((error: unknown) => {
    if (!ending) say(messageOf(error));
    return 1;
  })
  .then(async (code) => {
    // A signal ends the process itself.
    if (ending) return;
    await cleanUp();
    process.exit(code);
  });
