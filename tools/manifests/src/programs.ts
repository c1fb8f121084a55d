import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** An app's `readConfig`: gives what it makes of an environment, throws with all that is wrong with it. */
export type ReadConfig = (env: Record<string, string>) => object;

/** What a container runs: the words behind node, or behind banyan. */
export interface Program {
  /** `apps/new-api`, `banyan`, `banyan provision` */
  readonly name: string;
  readonly read: ReadConfig;
}

const REGISTER = 'packages/contracts/dist/schemas/main.js register';

/**
 * The program that a command line starts, with the very code by which it reads its environment. undefined = none of ours.
 * @param words without node itself: `apps/new-api/dist/main.js`, or `banyan provision`
 * @throws where it names a file that was not built
 */
export async function programOf(root: string, words: readonly string[]): Promise<Program | undefined> {
  const line = words.join(' ');
  if (line.startsWith('banyan')) {
    const config = await configOf(root, 'apps/cli');
    return line === 'banyan provision'
      ? { name: line, read: config('readProvisionConfig') }
      : { name: 'banyan', read: config('readConfig') };
  }
  if (line === REGISTER) return { name: REGISTER, read: readRegistry };
  const [, app] = /^((?:apps|examples)\/[^/]+)\/dist\/main\.js$/.exec(line) ?? [];
  if (app === undefined) return undefined;
  if (!existsSync(join(root, line))) throw new Error(`${line} is not there; build first (npm run build)`);
  return { name: app, read: (await configOf(root, app))('readConfig') };
}

async function configOf(root: string, app: string): Promise<(name: string) => ReadConfig> {
  const file = join(root, app, 'dist/config.js');
  if (!existsSync(file)) throw new Error(`${app} is not built; npm run build`);
  const module = (await import(pathToFileURL(file).href)) as Record<string, ReadConfig>;
  return (name) => {
    const read = module[name];
    if (read === undefined) throw new Error(`${app}/dist/config.js has no ${name}`);
    return read;
  };
}

/** The schema tool has one variable, and no config to ask. */
function readRegistry({ SCHEMA_REGISTRY_URL = '' }: Record<string, string>): object {
  if (!URL.canParse(SCHEMA_REGISTRY_URL)) throw new Error('SCHEMA_REGISTRY_URL: is required and not set');
  return { SCHEMA_REGISTRY_URL };
}
