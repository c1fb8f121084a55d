import type { EntityModel } from './entity-model.js';
import { refused } from './refused.js';

/** `packages/migration/src/index.ts` with the entity in it: one import and one line of the list. */
export function registered(source: string, { entity }: EntityModel): string {
  const list = /(defineMigration\(\[\n)([\s\S]*?)(\]\))/;
  const lastImport = /(import \{[^}]*\} from '@banyan\/transformer-[a-z]+';\n)(?![\s\S]*from '@banyan\/transformer-)/;
  if (!list.test(source) || !lastImport.test(source)) {
    throw refused([
      'packages/migration/src/index.ts has another shape than the generator knows; add the entity there by hand.',
    ]);
  }
  return source
    .replace(lastImport, `$1import { ${entity} } from '@banyan/transformer-${entity}';\n`)
    .replace(list, `$1$2  ${entity},\n$3`);
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** `packages/migration/package.json` with the package among its dependencies. */
export function depending(manifest: string, { entity }: EntityModel): string {
  const parsed = JSON.parse(manifest) as Manifest;
  const dependencies = { ...parsed.dependencies, [`@banyan/transformer-${entity}`]: '0.1.0' };
  const sorted = Object.fromEntries(Object.entries(dependencies).sort(([a], [b]) => (a < b ? -1 : 1)));
  return `${JSON.stringify({ ...parsed, dependencies: sorted }, null, 2)}\n`;
}
