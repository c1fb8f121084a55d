import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startStack } from '@banyan/stack';
import { stopOnSignal } from './stop-on-signal.js';
import { startWorld, type World } from './world.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const say = (line: string) => process.stdout.write(`${line}\n`);

/** Keeps the whole system up on the ports that the README names, with its data, until Ctrl-C. */
async function main(): Promise<void> {
  const stack = await startStack({ say, exitOnSignal: false });
  let world: World | undefined;
  stopOnSignal(async () => {
    await world?.stop();
    await stack.stop();
  });
  const logs = join(ROOT, '.banyan', 'logs');
  try {
    world = await startWorld({
      stack,
      name: 'dev',
      logs,
      say,
      ports: {
        'new-api': 4000,
        'v2-projector': 4001,
        'legacy-porter': 4002,
        'legacy-api-proxy': 4003,
        'proxy-admin': 4103,
        legacy: 4010,
        'legacy-admin': 4011,
      },
    });
    say(`\nnew API            ${world.urls['new-api']}/docs`);
    say(`legacy, by proxy   ${world.urls['legacy-api-proxy']}/api/orders`);
    say(`legacy, directly   ${world.urls.legacy}/api/orders`);
    say(`logs               ${logs}`);
    say('\nFor the CLI, in another terminal:\n');
    for (const [key, value] of Object.entries(world.cliEnv)) say(`export ${key}='${value}'`);
    say('npx banyan status\n\nCtrl-C stops everything.');
  } catch (error) {
    await world?.stop();
    await stack.stop();
    throw error;
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
