import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Answers } from './answers.js';
import type { Table } from './column.js';
import { type EntityModel, entityModel } from './entity-model.js';
import { newFiles, type Versions } from './package-files.js';
import { describedPages, PAGES } from './reference-rows.js';
import { refused } from './refused.js';
import { depending, registered } from './registration.js';

export interface Generated {
  readonly model: EntityModel;
  /** Paths from the root, in order. */
  readonly written: readonly string[];
  readonly changed: readonly string[];
}

const MIGRATION = 'packages/migration';

/**
 * Writes schemas, package, registration and reference rows of an entity into the checkout. Everything is made and checked before the
 * first byte is written. Throws `GENERATOR_REFUSED`.
 */
export function generate(root: string, answers: Answers, table: Table): Generated {
  const model = entityModel(answers, table);
  const read = (path: string) => readFileSync(join(root, path), 'utf8');
  requireRoom(root, model);
  const created = newFiles(model, versionsOf(read));
  const changed = new Map([
    [`${MIGRATION}/src/index.ts`, registered(read(`${MIGRATION}/src/index.ts`), model)],
    [`${MIGRATION}/package.json`, depending(read(`${MIGRATION}/package.json`), model)],
    ...describedPages(model, read),
  ]);
  for (const [path, text] of [...created, ...changed]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return { model, written: [...created.keys()], changed: [...changed.keys()] };
}

function requireRoom(root: string, { entity, domain }: EntityModel): void {
  const taken = [`packages/transformer-${entity}`, `schemas/${domain}/${entity}`].filter((path) =>
    existsSync(join(root, path)),
  );
  const problems = taken.map((path) => `${path} is there already; nothing is written over.`);
  if (!existsSync(join(root, 'packages', domain, 'package.json'))) {
    problems.push(
      `packages/${domain} is not there: it says how the API of that legacy system speaks. Make it after packages/northwind, ` +
        'and name it in .dependency-cruiser.cjs.',
    );
  }
  const missing = [`${MIGRATION}/src/index.ts`, `${MIGRATION}/package.json`, ...PAGES].filter(
    (path) => !existsSync(join(root, path)),
  );
  problems.push(...missing.map((path) => `${path} is not there: this is no checkout of Banyan.`));
  if (problems.length > 0) throw refused(problems);
}

/** As `packages/transformer` has them, so that there is one version of each. */
function versionsOf(read: (path: string) => string): Versions {
  const { dependencies, devDependencies } = JSON.parse(read('packages/transformer/package.json')) as {
    readonly dependencies: Readonly<Record<string, string>>;
    readonly devDependencies: Readonly<Record<string, string>>;
  };
  const [zod, fastCheck] = [dependencies.zod, devDependencies['fast-check']];
  if (zod === undefined || fastCheck === undefined) {
    throw refused(['packages/transformer/package.json does not say which zod and fast-check are used.']);
  }
  return { zod, fastCheck };
}
