import type { EntityModel, Field } from '../entity-model.js';
import { lines } from './code.js';

/** Words that PostgreSQL keeps: a column of that name is quoted. */
const RESERVED = new Set(
  `all analyse analyze and any array as asc asymmetric authorization between binary both case cast check collate collation column
  concurrently constraint create cross current_catalog current_date current_role current_schema current_time current_timestamp
  current_user default deferrable desc distinct do else end except false fetch for foreign freeze from full grant group having ilike
  in initially inner intersect into is isnull join lateral leading left like limit localtime localtimestamp natural not notnull null
  offset on only or order outer overlaps placing primary references returning right select session_user similar some symmetric
  system_user table tablesample then to trailing true union unique user using variadic verbose when where window with`.split(
    /\s+/,
  ),
);

export const sqlName = (name: string) => (RESERVED.has(name) ? `"${name}"` : name);

/** `src/v2/migrations.ts` */
export function migrationsFile({ entity, v2Table, stateFields, identity, key, search }: EntityModel): string {
  const columns = stateFields.map(
    ({ v2Column, code, nullable }) => `        ${sqlName(v2Column)} ${code.v2}${nullable ? '' : ' not null'}`,
  );
  const looked = identity === 'natural-key' ? key : search;
  return `
/** Run once each, in order, by the projector. A name that has run is never changed: add another one. */
export const migrations = [
  {
    name: '${entity}-001-${v2Table.replaceAll('_', '-')}',
    sql: \`
      create table v2.${sqlName(v2Table)} (
        id uuid primary key,
${columns.join(',\n')}
      );
${looked === undefined ? '' : `      create index ${v2Table}_${looked.v2Column} on v2.${sqlName(v2Table)} ${methodFor(looked)}(${sqlName(looked.v2Column)});\n`}    \`,
  },
] as const;
`;
}

/** An entry of a btree has to fit a third of a page; a hash of it always does, and only equality is asked. */
function methodFor({ maxLength = Number.POSITIVE_INFINITY }: Field): string {
  return maxLength <= 600 ? '' : 'using hash ';
}

/** `src/v2/supplier-rows.ts` */
export function rowsFile({ entity, Entity, v2Table, stateFields }: EntityModel): string {
  return `
import type { Projection } from '@banyan/transformer';
import type { ${Entity} } from '../${entity}.js';

export const ${entity}Rows: Projection<${Entity}> = {
  table: '${v2Table}',
  key: 'id',
  columns: {
    id: 'uuid',
${lines(stateFields, ({ v2Column, code }) => `${v2Column}: '${code.v2}',`)}
  },
  rows(state, id) {
    if (state === undefined) return [];
    return [
      {
        id,
${lines(stateFields, ({ v2Column, name }) => `${v2Column}: state.${name},`)}
      },
    ];
  },
};
`;
}

/** `src/v2/queries.ts` */
export function queriesFile({ entity, Entity, plural, Plural, v2Table, stateFields }: EntityModel): string {
  const columns = stateFields.map(({ v2Column, name }) =>
    v2Column === name ? sqlName(v2Column) : `${sqlName(v2Column)} as "${name}"`,
  );
  return `
import { pageSchema, type QueryDefinition } from '@banyan/transformer';
import { z } from 'zod';

export const get${Entity}: QueryDefinition = {
  type: 'one',
  name: 'Get${Entity}',
  summary: 'One ${entity}.',
  path: '/v2/${plural}/:id',
};

const params = z.strictObject({ ...pageSchema });

export const list${Plural}: QueryDefinition = {
  type: 'list',
  name: 'List${Plural}',
  summary: '${Plural} by id.',
  path: '/v2/${plural}',
  params,
  sql({ limit, after }: z.infer<typeof params>) {
    return {
      text: \`
        select ${wrapped(['id', ...columns])}
        from v2.${sqlName(v2Table)}
        where $2::uuid is null or id > $2
        order by id
        limit $1\`,
      values: [limit, after ?? null],
    };
  },
};
`;
}

/** A list over lines of at most 100 characters; nobody formats what is inside a string. */
function wrapped(parts: readonly string[]): string {
  const rows: string[] = [];
  for (const part of parts) {
    const last = rows.at(-1);
    if (last === undefined || last.length + part.length > 98) rows.push(part);
    else rows[rows.length - 1] = `${last}, ${part}`;
  }
  return rows.join(',\n          ');
}
