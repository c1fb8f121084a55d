import { fileURLToPath } from 'node:url';
import { isBanyanError } from '@banyan/core';
import { createPool } from '@banyan/postgres';
import { type Answers, readAnswers } from './answers.js';
import type { Table } from './column.js';
import { legacyDatabaseUrl } from './config.js';
import { tableOfFields } from './field-list.js';
import { finish, stepsBehind } from './finish.js';
import { type Generated, generate } from './generate.js';
import { readTable } from './legacy-table.js';
import { refused } from './refused.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const say = (line: string) => process.stdout.write(`${line}\n`);

/** `node main.js supplier northwind assigned-by-legacy from-table=suppliers`. Exit code 0 = written, 1 = failed, 2 = refused. */
async function main(words: readonly string[]): Promise<number> {
  try {
    const answers = readAnswers(words);
    const table = await tableOf(answers);
    const generated = generate(ROOT, answers, table);
    tell(generated);
    finish(ROOT, stepsBehind([...generated.written, ...generated.changed]), say);
    tellNext(generated, table);
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    const nothing = isBanyanError(error) && error.code === 'GENERATOR_REFUSED';
    if (nothing) process.stderr.write('Nothing was written.\n');
    return nothing ? 2 : 1;
  }
}

async function tableOf({ entity, identity, source }: Answers): Promise<Table> {
  if (source.type === 'fields') return tableOfFields(entity, identity, source.list);
  const url = legacyDatabaseUrl();
  if (url === undefined) {
    throw refused([
      'LEGACY_DATABASE_URL is not set: the database of legacy, which is only read. `npm run dev` says one.',
    ]);
  }
  const pool = createPool({ url, applicationName: 'banyan-generator', max: 1 });
  try {
    return await readTable(pool, { ...source, identity });
  } finally {
    await pool.end();
  }
}

function tell({ model, written, changed }: Generated): void {
  const { table, key, fields } = model;
  say(`${table}: ${fields.length} ${fields.length === 1 ? 'column' : 'columns'} beside the key ${key.column}`);
  const folders = Map.groupBy(written, (path) =>
    path
      .split('/')
      .slice(0, path.startsWith('schemas/') ? 4 : 2)
      .join('/'),
  );
  for (const [folder, paths] of folders) say(`+ ${folder}: ${paths.length} files`);
  for (const path of changed) say(`~ ${path}`);
}

function tellNext({ model }: Generated, { notes }: Table): void {
  if (notes.length > 0) say(`\nTo be looked at:\n${notes.map((note) => `- ${note}`).join('\n')}`);
  const { entity } = model;
  say(`\nNext: npx turbo run build lint typecheck test --filter=@banyan/transformer-${entity}`);
}

process.exitCode = await main(process.argv.slice(2));
