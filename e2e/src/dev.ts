import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startStack } from '@banyan/stack';
import { stopOnSignal } from './stop-on-signal.js';
import { startWorld, type World } from './world.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** What the CLI and a shell need; `. .banyan/dev.env` reads it. */
const ENV_FILE = join(ROOT, '.banyan', 'dev.env');
/** The ports that the README names. */
const PORTS = {
  'new-api': 4000,
  'v2-projector': 4001,
  'legacy-porter': 4002,
  'legacy-api-proxy': 4003,
  'proxy-admin': 4103,
  legacy: 4010,
  'legacy-admin': 4011,
};
const say = (line: string) => process.stdout.write(`${line}\n`);

/**
 * Keeps the whole system up on the ports that the README names, with its data, until Ctrl-C. With BANYAN_DEV_NAME it has topics,
 * databases and free ports of its own: several can run on one machine.
 */
async function main(): Promise<void> {
  const ownName = process.env.BANYAN_DEV_NAME;
  const stack = await startStack({ say, exitOnSignal: false });
  let world: World | undefined;
  stopOnSignal(async () => {
    // Addresses of what does not run any more would only mislead.
    rmSync(ENV_FILE, { force: true });
    await world?.stop();
    await stack.stop();
  });
  const logs = join(ROOT, '.banyan', 'logs');
  mkdirSync(logs, { recursive: true });
  try {
    world = await startWorld({
      stack,
      name: ownName ?? 'dev',
      logs,
      say,
      ...(ownName === undefined ? { ports: PORTS } : {}),
    });
    say(`\nnew API            ${world.urls['new-api']}/docs`);
    say(`legacy, by proxy   ${world.urls['legacy-api-proxy']}/api/orders`);
    say(`legacy, directly   ${world.urls.legacy}/api/orders`);
    say(`logs               ${logs}`);
    writeFileSync(ENV_FILE, exportsOf(world), { mode: 0o600 });
    say('\nFor the CLI and curl, in another terminal:\n');
    say('. .banyan/dev.env\nnpx banyan status\n\nCtrl-C stops everything.');
  } catch (error) {
    await world?.stop();
    await stack.stop();
    throw error;
  }
}

function exportsOf({ cliEnv, urls }: World): string {
  const variables = { ...cliEnv, PROXY_URL: urls['legacy-api-proxy'] };
  return Object.entries(variables)
    .map(([key, value]) => `export ${key}='${value}'\n`)
    .join('');
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
