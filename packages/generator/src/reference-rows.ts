import type { EntityModel } from './entity-model.js';
import { refused } from './refused.js';
import { lossesOf } from './templates/legacy.js';

const HTTP = 'docs/reference/http.md';
const ERRORS = 'docs/reference/errors.md';
const LOSSES = 'docs/explanation/declared-losses.md';

/** The pages that tools/check-docs.mjs holds against the code. */
export const PAGES = [HTTP, ERRORS, LOSSES] as const;

/** The pages with the rows of the entity in them, by path. Throws `GENERATOR_REFUSED` where a page has another shape. */
export function describedPages(model: EntityModel, read: (path: string) => string): ReadonlyMap<string, string> {
  return new Map([
    [HTTP, withRoutes(read(HTTP), model)],
    [ERRORS, withRefusals(read(ERRORS), model)],
    [LOSSES, withLosses(read(LOSSES), model)],
  ]);
}

function withRoutes(page: string, { Entity, plural, Plural }: EntityModel): string {
  const rows = [
    `| \`GET\` | \`/v2/${plural}\` | List${Plural} |`,
    `| \`POST\` | \`/v2/${plural}\` | Add${Entity} |`,
    `| \`GET\` | \`/v2/${plural}/:id\` | Get${Entity} |`,
    `| \`PUT\` | \`/v2/${plural}/:id\` | Change${Entity} |`,
    `| \`DELETE\` | \`/v2/${plural}/:id\` | Remove${Entity} |`,
  ];
  return afterTable(page, HTTP, '| method | path | from |', rows);
}

function withRefusals(page: string, { entity, ENTITY, identity }: EntityModel): string {
  const rows = [`| \`${ENTITY}_EXISTS\` | The ${entity} is there already. | Change it. |`];
  if (identity === 'natural-key') {
    rows.push(`| \`${ENTITY}_ID_FIXED\` | The id of the ${entity} in legacy cannot change. | Add another one. |`);
  }
  const heading = '## What commands refuse (422)';
  const at = page.indexOf(heading);
  if (at < 0) throw moved(ERRORS, heading);
  return page.slice(0, at) + afterTable(page.slice(at), ERRORS, '| code |', rows);
}

function withLosses(page: string, model: EntityModel): string {
  const next = '## Refused instead of lost';
  if (!page.includes(next)) throw moved(LOSSES, next);
  const rows = lossesOf(model).map(({ name, reason }) => `| \`${name}\` | ${reason} |`);
  const section = [`## ${model.entity}`, '', '| loss | why |', '| --- | --- |', ...rows, '', ''].join('\n');
  return page.replace(next, `${section}${next}`);
}

/** Puts rows at the end of the first table that begins with `head`. */
function afterTable(page: string, path: string, head: string, rows: readonly string[]): string {
  const lines = page.split('\n');
  const first = lines.findIndex((line) => line.startsWith(head));
  if (first < 0) throw moved(path, head);
  const end = lines.findIndex((line, index) => index > first && !line.startsWith('|'));
  return lines.toSpliced(end < 0 ? lines.length : end, 0, ...rows).join('\n');
}

function moved(path: string, what: string): Error {
  return refused([
    `${path} has no "${what}" any more: tell the generator where its rows go (packages/generator/src/reference-rows.ts).`,
  ]);
}
