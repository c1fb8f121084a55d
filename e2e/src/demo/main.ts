import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { startStack } from '@banyan/stack';
import { stopOnSignal } from '../stop-on-signal.js';
import { startWorld, type World } from '../world.js';
import { Checks } from './checks.js';
import { PATIENT, tellStory } from './story.js';
import { Storyteller } from './teller.js';

const started = performance.now();
const say = (line: string) => process.stdout.write(`${line}\n`);
const name = `demo-${randomBytes(3).toString('hex')}`;
const logs = fileURLToPath(new URL(`../../../.banyan/logs/${name}`, import.meta.url));

async function main(): Promise<number> {
  say('Banyan: Northwind moves from its legacy system to V2.\n');
  let world: World | undefined;
  const stack = await startStack({ ephemeral: true, say, exitOnSignal: false });
  stopOnSignal(async () => {
    await world?.stop();
    await stack.stop();
  });
  const checks = new Checks(say);
  try {
    world = await startWorld({ stack, name, logs, say, env: PATIENT, billing: true });
    say(`apps run; their logs are in ${logs}`);
    await tellStory(new Storyteller({ world, checks, say }));
  } finally {
    await world?.stop();
    await stack.stop();
  }
  return summary(checks);
}

function summary(checks: Checks): number {
  const width = Math.max(...checks.all.map(({ claim }) => claim.length));
  say('');
  for (const { claim, ok, found } of checks.all) say(`${ok ? 'ok    ' : 'FAILED'} ${claim.padEnd(width)}  ${found}`);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  say(`\n${checks.all.length - checks.failed.length} of ${checks.all.length} checks held, ${seconds} s`);
  return checks.all.length > 0 && checks.failed.length === 0 ? 0 : 1;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\nthe apps' logs are in ${logs}\n`);
    process.exitCode = 1;
  },
);
