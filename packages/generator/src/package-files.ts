import type { EntityModel } from './entity-model.js';
import { capital } from './names.js';
import { finished } from './templates/code.js';
import { addFile, bodyFile, changeFile, removeFile } from './templates/commands.js';
import { indexFile, stateFile } from './templates/entity.js';
import { compareFile, importFile, portFile, readerFile, routesFile, rowFile } from './templates/legacy.js';
import { schemaFiles } from './templates/schemas.js';
import { entitySpec, fixtureFile, legacySpec, routesSpec } from './templates/specs.js';
import { migrationsFile, queriesFile, rowsFile } from './templates/v2.js';

/** Versions of what a package needs beside ours, as the other packages have them. */
export interface Versions {
  readonly zod: string;
  readonly fastCheck: string;
}

/** Every file that is new, by its path from the root. Code is formatted afterwards. */
export function newFiles(model: EntityModel, versions: Versions): ReadonlyMap<string, string> {
  const { entity, domain } = model;
  const home = `packages/transformer-${entity}`;
  const sources: Readonly<Record<string, string>> = {
    'index.ts': indexFile(model),
    [`${entity}.ts`]: stateFile(model),
    [`commands/${entity}-body.ts`]: bodyFile(model),
    [`commands/add-${entity}.ts`]: addFile(model),
    [`commands/change-${entity}.ts`]: changeFile(model),
    [`commands/remove-${entity}.ts`]: removeFile(model),
    'v2/migrations.ts': migrationsFile(model),
    [`v2/${entity}-rows.ts`]: rowsFile(model),
    'v2/queries.ts': queriesFile(model),
    [`legacy/${entity}-row.ts`]: rowFile(model),
    [`legacy/${entity}.reader.ts`]: readerFile(model),
    [`legacy/${entity}.import.ts`]: importFile(model),
    [`legacy/${entity}.port.ts`]: portFile(model),
    [`legacy/${entity}.routes.ts`]: routesFile(model),
    [`legacy/${entity}.compare.ts`]: compareFile(model),
    [`testing/${entity}.fixture.ts`]: fixtureFile(model),
    [`${entity}.spec.ts`]: entitySpec(model),
    [`legacy/${entity}.legacy.spec.ts`]: legacySpec(model),
    [`legacy/${entity}.routes.spec.ts`]: routesSpec(model),
  };
  return new Map([
    ...[...schemaFiles(model)].map(([name, text]): [string, string] => [
      `schemas/${domain}/${entity}/v1/${name}`,
      text,
    ]),
    [`${home}/package.json`, packageJson(model, versions)],
    [`${home}/jest.config.mjs`, "export { default } from '../../jest.preset.mjs';\n"],
    [`${home}/tsconfig.json`, tsconfig({ include: ['src', 'test'], compilerOptions: { noEmit: true } })],
    [
      `${home}/tsconfig.build.json`,
      tsconfig({
        include: ['src'],
        exclude: ['src/**/*.spec.ts'],
        compilerOptions: { rootDir: 'src', outDir: 'dist' },
      }),
    ],
    ...Object.entries(sources).map(([path, text]): [string, string] => [`${home}/src/${path}`, finished(text)]),
  ]);
}

function packageJson({ entity, domain, plural, identity }: EntityModel, { zod, fastCheck }: Versions): string {
  const ours = ['contracts', 'core', 'legacy', domain, 'transformer'].sort();
  const manifest = {
    name: `@banyan/transformer-${entity}`,
    version: '0.1.0',
    private: true,
    description: `${capital(plural)}: ${identity === 'natural-key' ? 'a natural key' : 'ids assigned by legacy'}.`,
    type: 'module',
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
    files: ['dist'],
    scripts: {
      build: 'tsc -p tsconfig.build.json',
      lint: 'biome check .',
      typecheck: 'tsc --noEmit',
      test: 'NODE_OPTIONS="--experimental-vm-modules --no-warnings" jest --passWithNoTests',
    },
    dependencies: { ...Object.fromEntries(ours.map((name) => [`@banyan/${name}`, '0.1.0'])), zod },
    devDependencies: { 'fast-check': fastCheck },
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

function tsconfig(own: object): string {
  return `${JSON.stringify({ extends: '../../tsconfig.base.json', ...own }, null, 2)}\n`;
}
