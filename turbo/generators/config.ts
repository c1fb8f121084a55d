import { spawnSync } from 'node:child_process';
import type { PlopTypes } from '@turbo/gen';

/** Where turbo says the checkout is. */
interface Asked {
  readonly entity: string;
  readonly domain: string;
  readonly identity: string;
  readonly columns: string;
  readonly turbo: { readonly paths: { readonly root: string } };
}

/**
 * `npx turbo gen transformer`: asks, or takes `--args`, and hands over to packages/generator. turbo ends with 0 even when a generator
 * fails; who needs the exit code runs `npm run generate:transformer -- …`, which is what happens here.
 */
export default function generators(plop: PlopTypes.NodePlopAPI): void {
  plop.setGenerator('transformer', {
    description: 'An entity to be migrated: its schemas and its transformer package',
    prompts: [
      { type: 'input', name: 'entity', message: 'Entity, one word, singular (supplier):' },
      { type: 'input', name: 'domain', message: 'Domain:', default: 'northwind' },
      {
        type: 'list',
        name: 'identity',
        message: 'Who gives the id?',
        choices: [
          { name: 'legacy assigns the next number', value: 'assigned-by-legacy' },
          { name: 'people give it: a natural key', value: 'natural-key' },
        ],
      },
      {
        type: 'input',
        name: 'columns',
        message: 'Columns: from-table=suppliers, or fields such as companyName:text(40), phone:text(24):nullable:',
      },
    ],
    actions: [generate],
  });
}

async function generate(answers: PlopTypes.Answers): Promise<string> {
  const { entity, domain, identity, columns, turbo } = answers as Asked;
  const words = ['run', '--silent', 'generate:transformer', '--', entity, domain, identity, columns];
  const { status } = spawnSync('npm', words, { cwd: turbo.paths.root, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${entity} was not generated; the reason stands above`);
  return `${entity}: see docs/how-to/add-an-entity.md`;
}
