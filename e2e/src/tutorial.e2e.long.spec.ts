import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { entities } from '@banyan/migration';
import { randomPrefix, testStack } from '@banyan/stack/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ScratchCheckout, scratchCheckout } from './testing/scratch-checkout.js';
import { Terminal } from './testing/terminal.js';
import { type TutorialStep, tutorialSteps, unkept } from './testing/tutorial-text.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const STEP_MS = 300_000;
const NATURAL_KEY = 'fictionCode:code(5), name:text(40), note:text:nullable';
const EVERY_TYPE = [
  'given:text(40), order:text(5):nullable, story:text, user:text:nullable, age:smallint, size:smallint:nullable',
  'count:integer, rank:integer:nullable, weight:real, height:real:nullable, since:date, until:date:nullable',
].join(', ');
const PAGE = 'docs/tutorial/add-an-entity.md';
const steps = tutorialSteps(readFileSync(join(ROOT, PAGE), 'utf8'));

// Who follows the page commits suppliers; in such a checkout nobody can follow it again.
if (existsSync(join(ROOT, 'packages/transformer-supplier'))) {
  it(`${PAGE} was followed in this checkout: suppliers are being migrated`, () => {
    expect(entities.map(({ name }) => name)).toContain('supplier');
  });
} else {
  describe(PAGE, followThePage);
}

/** The commands of the page as they stand there, one after another, in a copy of this checkout and in two terminals. */
function followThePage(): void {
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

  // Beside suppliers: a natural key, and every type there is, from a list.
  it('has a generator whose other entities are right at once as well, docs, schemas and boundaries included', async () => {
    const filters = ['fiction', 'everything'].map((name) => `--filter=@banyan/transformer-${name}`).join(' ');
    const made = ['supplier', 'fiction', 'everything'].map((name) => `packages/transformer-${name}`).join(' ');
    const { code, output } = await reader.run(
      [
        `npm run --silent generate:transformer -- fiction northwind natural-key '${NATURAL_KEY}'`,
        `npm run --silent generate:transformer -- everything northwind assigned-by-legacy '${EVERY_TYPE}'`,
        `npx turbo run build lint typecheck test ${filters} --output-logs=errors-only`,
        'npm run --silent schemas:check',
        'node tools/check-docs.mjs',
        `npx depcruise --config .dependency-cruiser.cjs packages/migration ${made}`,
      ].join(' && '),
      STEP_MS,
    );
    expect({ code, output }).toEqual({ code: 0, output });
  }, 360_000);

  it('has a generator that writes nothing over', async () => {
    const again = 'npm run --silent generate:transformer -- supplier northwind assigned-by-legacy from-table=suppliers';
    const { code, output } = await reader.run(again, STEP_MS);
    expect([code, output]).toEqual([2, expect.stringContaining('packages/transformer-supplier is there already')]);
  }, 360_000);

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
    const ofTheRun = /^(NODE_OPTIONS|NODE_ENV|INIT_CWD|JEST_|TURBO_|npm_(?!config_(registry|userconfig|cache)$))/.test(
      name,
    );
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
