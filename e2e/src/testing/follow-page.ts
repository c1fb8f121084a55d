import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomPrefix, testStack } from '@banyan/stack/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type ScratchCheckout, scratchCheckout } from './scratch-checkout.js';
import { Terminal } from './terminal.js';
import { type TutorialStep, tutorialSteps, unkept } from './tutorial-text.js';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
export const STEP_MS = 300_000;

/**
 * The commands of the page as they stand there, one after another, in a copy of this checkout and in two terminals: a test each.
 * @returns the reader's terminal, for tests of what he has then
 */
export function followPage(page: string): () => Terminal {
  const steps = tutorialSteps(readFileSync(join(ROOT, page), 'utf8'));
  let scratch: ScratchCheckout;
  let reader: Terminal;
  let dev: Terminal;
  let devIsBusy = false;
  let stopped: string | undefined;

  beforeAll(async () => {
    if (spawnSync('curl', ['--version']).status !== 0) throw new Error('curl is not installed; the page needs it.');
    const { kafkaBrokers, schemaRegistryUrl, databaseUrl } = await testStack();
    scratch = scratchCheckout(ROOT);
    const env = ownEnvironment();
    reader = new Terminal({ folder: scratch.folder, env });
    dev = new Terminal({
      folder: scratch.folder,
      env: {
        ...env,
        BANYAN_DEV_NAME: `tutorial-${randomPrefix().slice(0, -1)}`,
        KAFKA_BROKERS: kafkaBrokers,
        SCHEMA_REGISTRY_URL: schemaRegistryUrl,
        DATABASE_URL: databaseUrl,
      },
    });
  }, 240_000);

  afterAll(async () => {
    await Promise.all([reader?.close(), dev?.close()]);
    scratch?.remove();
  }, 60_000);

  it.each(steps.map((step, index) => [`${index + 1}. ${step.commands}`, step] as const))(
    '%s',
    async (title, step) => {
      if (stopped !== undefined) throw withoutStack(`Step ${stopped} did not do what the page says.`);
      stopped = title;
      const { code, output } = await (step.terminal === 'reader' ? reader.run(step.commands, STEP_MS) : begin(step));
      expect({ code, unkept: unkept(step.promised, output), output }).toEqual({ code: 0, unkept: [], output });
      stopped = undefined;
    },
    STEP_MS + 60_000,
  );

  return () => reader;

  async function begin({ commands, promised }: TutorialStep) {
    if (devIsBusy) await dev.interrupt(STEP_MS);
    devIsBusy = true;
    return dev.begin(commands, (output) => unkept(promised, output).length === 0, STEP_MS);
  }
}

/** Twenty steps behind the one that failed have nothing to tell. */
function withoutStack(message: string): Error {
  const error = new Error(message);
  error.stack = message;
  return error;
}

/** As in a terminal that knows nothing of this test: no npm, jest or turbo around it, and no tools of this checkout on its path. */
function ownEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).flatMap(([name, value]): [string, string][] => {
    const ofTheRun =
      /^(NODE_OPTIONS|NODE_ENV|INIT_CWD|BANYAN_|JEST_|TURBO_|npm_(?!config_(registry|userconfig|cache)$))/.test(name);
    return ofTheRun || value === undefined ? [] : [[name, value]];
  });
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.startsWith(ROOT));
  return {
    ...Object.fromEntries(kept),
    PATH: path.join(delimiter),
    TURBO_TELEMETRY_DISABLED: '1',
    // What this checkout has built from the same files is not built again.
    TURBO_CACHE_DIR: join(ROOT, '.turbo', 'cache'),
  };
}
