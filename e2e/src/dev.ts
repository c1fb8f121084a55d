import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startStack } from '@banyan/stack';
import type { ChildApp } from './child-app.js';
import { stopOnSignal } from './stop-on-signal.js';
import { APPS, startWorld, type World } from './world.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** What the CLI and a shell need; `. .banyan/dev.env` reads it. */
const ENV_FILE = join(ROOT, '.banyan', 'dev.env');
const NAMES = ['legacy-northwind', 'legacy-billing', ...APPS] as const;
/** The ports that the README names. */
const PORTS = {
  'new-api': 4000,
  'v2-projector': 4001,
  'legacy-porter': 4002,
  'legacy-api-proxy': 4003,
  'proxy-admin': 4103,
  legacy: 4010,
  'legacy-admin': 4011,
  'legacy-billing': 4012,
};
/** Long enough to look at what is missing meanwhile. */
const START_AGAIN_MS = 15_000;
const say = (line: string) => process.stdout.write(`${line}\n`);

/**
 * Keeps the whole system up on the ports that the README names, with its data, until Ctrl-C. With BANYAN_DEV_NAME it has topics,
 * databases and free ports of its own: several checkouts can share one stack. A process that ends is started again, as an
 * orchestrator would; `.banyan/<app>.pid` tells which it is, for whoever wants to kill it.
 */
async function main(): Promise<void> {
  const ownName = process.env.BANYAN_DEV_NAME;
  const stack = await startStack({ say, exitOnSignal: false });
  let world: World | undefined;
  let stopping = false;
  stopOnSignal(async () => {
    stopping = true;
    // Addresses of what does not run any more would only mislead.
    rmSync(ENV_FILE, { force: true });
    for (const name of NAMES) rmSync(pidFile(name), { force: true });
    await world?.stop();
    await stack.stop();
  });
  const logs = join(ROOT, '.banyan', 'logs');
  mkdirSync(logs, { recursive: true });
  try {
    world = await startWorld({
      stack,
      name: ownName ?? 'dev',
      billing: true,
      logs,
      say,
      onEnd: (app, why) => {
        if (stopping) return;
        say(`${app.name} ended (${why}); it is started again in ${START_AGAIN_MS / 1_000} s`);
        setTimeout(() => void startAgain(app, () => stopping), START_AGAIN_MS);
      },
      ...(ownName === undefined ? { ports: PORTS } : {}),
    });
    say(`\nnew API            ${world.urls['new-api']}/docs`);
    say(`legacy, by proxy   ${world.urls['legacy-api-proxy']}/api/orders`);
    say(`legacy, directly   ${world.urls.legacy}/api/orders`);
    say(`billing            ${world.urls['legacy-billing']}/invoices`);
    say(`logs               ${logs}`);
    writeFileSync(ENV_FILE, exportsOf(world), { mode: 0o600 });
    for (const name of NAMES) notePid(world.app(name));
    say('\nFor the CLI and curl, in another terminal:\n');
    say('. .banyan/dev.env\nnpx banyan status\n\nCtrl-C stops everything.');
  } catch (error) {
    await world?.stop();
    await stack.stop();
    throw error;
  }
}

/** As an orchestrator would, again and again. */
async function startAgain(app: ChildApp, stopping: () => boolean): Promise<void> {
  while (!stopping()) {
    try {
      await app.start();
      notePid(app);
      say(`${app.name} runs again`);
      return;
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
      await delay(START_AGAIN_MS);
    }
  }
}

function pidFile(app: string): string {
  return join(ROOT, '.banyan', `${app}.pid`);
}

function notePid({ name, pid }: ChildApp): void {
  writeFileSync(pidFile(name), `${pid}\n`);
}

function exportsOf({ cliEnv, urls }: World): string {
  const variables = { ...cliEnv, PROXY_URL: urls['legacy-api-proxy'], BILLING_URL: urls['legacy-billing'] };
  return Object.entries(variables)
    .map(([key, value]) => `export ${key}='${value}'\n`)
    .join('');
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
