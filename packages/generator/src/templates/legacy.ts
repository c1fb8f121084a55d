import type { EntityModel } from '../entity-model.js';
import { eventModule, lines, namesOf, values, where } from './code.js';
import { sqlName } from './v2.js';

/** `src/legacy/supplier-row.ts` */
export function rowFile({ entity, Entity, table, identity, key, fields }: EntityModel): string {
  const schema = `${entity}RowSchema`;
  const numbered = identity === 'assigned-by-legacy';
  return `
import { canonicalRow, column } from '@banyan/transformer';
import { z } from 'zod';

const ${schema} = z.strictObject({
  ${key.field}: ${key.code.row},
${values(fields, 'field', ({ code, nullable }) => `${code.row}${nullable ? '.nullable()' : ''}`)}
});

/** A row of \`${table}\`, as the API shows it${numbered ? `; ${key.field} is null until legacy has assigned one` : ''}. */
export type ${Entity}Row = ${
    numbered
      ? `Omit<z.infer<typeof ${schema}>, '${key.field}'> & { ${key.field}: number | null }`
      : `z.infer<typeof ${schema}>`
  };

/** Throws \`UnmappableRow\`. */
export function canonical(raw: unknown): ${Entity}Row {
  return canonicalRow(${schema}, raw);
}
`;
}

/** `src/legacy/supplier.reader.ts` */
export function readerFile({ entity, Entity, domain, table, identity, key, fields }: EntityModel): string {
  return `
import { tableReader } from '@banyan/${domain}';
import { canonical, type ${Entity}Row } from './${entity}-row.js';

export const ${entity}Reader = tableReader<${Entity}Row>({
  table: '${table}',
  id: '${key.field}',
  idIs: '${identity === 'natural-key' ? 'code' : 'number'}',
  columns: {
${values([key, ...fields], 'field', ({ column }) => `'${column}'`)}
  },
  canonical,
});
`;
}

/** `src/legacy/supplier.import.ts` */
export function importFile(model: EntityModel): string {
  const { entity, Entity, identity, key, fields } = model;
  const natural = identity === 'natural-key';
  const check = `
  // In two spellings it would be two rows of legacy and one ${entity} here: the second would cover the first.
  if (row.${key.field}.trim() === '' || canonicalCode(row.${key.field}) !== row.${key.field}) {
    throw new UnmappableRow('${key.field}', row.${key.field}, 'is not in capitals without space around it; correct it in legacy');
  }`;
  return `
import { event } from '@banyan/contracts';
import { type ${Entity}Event, ${Entity}Imported, ${Entity}Vanished } from '${eventModule(model)}';
${where(natural, "import { canonicalCode, UnmappableRow } from '@banyan/transformer';")}
import type { ${Entity}Row } from './${entity}-row.js';

${where(natural, '/** Throws `UnmappableRow` for an id that is not written in its one form. */')}
export function importRow(row: ${Entity}Row): ${Entity}Event {${natural ? check : ''}
  return event(${Entity}Imported, {
    legacyId: ${natural ? `row.${key.field}` : `String(row.${key.field})`},
    ${where(natural, `${key.name}: row.${key.field},`)}
${values(fields, 'name', ({ field }) => `row.${field}`)}
  });
}

export function importAbsence(legacyId: string): ${Entity}Event {
  return event(${Entity}Vanished, { legacyId });
}
`;
}

/** `src/legacy/supplier.port.ts` */
export function portFile({ entity, Entity, domain, table, identity, key, fields, search }: EntityModel): string {
  const natural = identity === 'natural-key';
  const id = natural ? `state.${key.name}` : 'legacyId === undefined ? null : Number(legacyId)';
  const create = natural
    ? 'createUnderGivenId(PATH)'
    : `createUnderNextId({ path: PATH, id: '${key.field}', search: '${search?.field}', canonical })`;
  return `
import { ${natural ? 'createUnderGivenId' : 'createUnderNextId'}, tableTarget } from '@banyan/${domain}';
import type { PortDefinition } from '@banyan/transformer';
import type { ${Entity} } from '../${entity}.js';
import ${natural ? `type { ${Entity}Row }` : `{ canonical, type ${Entity}Row }`} from './${entity}-row.js';

const PATH = '/api/${table}';

export const ${entity}Backend: PortDefinition<${Entity}, ${Entity}Row> = {
  name: 'backend',
  primary: true,
  refsOf: () => [],
  format: (state${natural ? '' : ', { legacyId }'}) => ({
    ${key.field}: ${id},
${values(fields, 'field', ({ name }) => `state.${name}`)}
  }),
  target: tableTarget(PATH, ${create}),
};
`;
}

/** `src/legacy/supplier.routes.ts` */
export function routesFile(model: EntityModel): string {
  const { entity, Entity, domain, table, plural, v2Table, identity, key, fields, search } = model;
  const natural = identity === 'natural-key';
  const names = namesOf([
    'changeRoute',
    'createRoute',
    'listRoute',
    'oneRoute',
    'readBody',
    'type TableRoutes',
    natural ? 'code' : 'numberOfPath',
    ...(natural ? ['codeOfPath', 'databaseError', 'type Values'] : []),
    natural || fields.some(({ nullable }) => !nullable) ? 'required' : undefined,
    ...fields.map(({ code }) => code.dialectImport),
  ]);
  return `
import { ${names} } from '@banyan/${domain}';
import type { ${natural ? '' : 'LegacyRequest, '}LegacyRoute } from '@banyan/transformer';
import type { ${Entity}Row } from './${entity}-row.js';

const columns = {
${values(fields, 'field', ({ code, nullable }) => (nullable ? code.dialect : `required(${code.dialect})`))}
};
${where(natural, `const newColumns = { ${key.field}: required(code(${key.maxLength})), ...columns };`)}

const table: TableRoutes = {
  path: '/api/${table}',
  id: '${key.field}',
  idOfPath: ${natural ? 'codeOfPath' : 'numberOfPath'},
  searches: ${search === undefined ? '{}' : `{ ${search.field}: columns.${search.field} }`},
};
${
  search === undefined
    ? ''
    : `
export const ${entity}Searches = {
  ${search.field}: 'select id as key from v2.${sqlName(v2Table)} where ${sqlName(search.v2Column)} = $1',
};
`
}
export const ${entity}Routes: readonly LegacyRoute<${Entity}Row>[] = [
  listRoute(table),
  oneRoute(table),
  ${natural ? naturalCreate(model) : numberedCreate(model)}
  changeRoute(table, {
    name: 'replace',
    method: 'PUT',
    command: (request) => ({
      method: 'PUT', path: '/v2/${plural}/{id}', body: ${natural ? 'fieldsOf(readBody(columns, request))' : `${entity}BodyOf(request)`},
    }),
  }),
  changeRoute(table, {
    name: 'delete',
    method: 'DELETE',
    command: () => ({ method: 'DELETE', path: '/v2/${plural}/{id}', body: {} }),
  }),
];

${where(!natural, '/** Throws `LegacyRefused`. */')}
function ${natural ? 'fieldsOf(values: Values<typeof columns>)' : `${entity}BodyOf(request: LegacyRequest)`} {
  ${where(!natural, 'const values = readBody(columns, request);')}
  return {
${values(fields, 'name', ({ field }) => `values.${field}`)}
  };
}
`;
}

function numberedCreate({ entity, plural }: EntityModel): string {
  return `// Legacy gives each new ${entity} the next number, so the same body twice is two of them.
  createRoute(table, (request) => ({
    method: 'POST',
    path: '/v2/${plural}',
    body: ${entity}BodyOf(request),
    creation: {},
  })),`;
}

function naturalCreate({ ENTITY, plural, key, keyConstraint }: EntityModel): string {
  return `createRoute(
    table,
    (request) => {
      const values = readBody(newColumns, request);
      return {
        method: 'POST',
        path: '/v2/${plural}',
        body: { ${key.name}: values.${key.field}, ...fieldsOf(values) },
        // The id is in the body and legacy refuses a second one: a repeat needs no key, it gets legacy's words.
        legacyId: values.${key.field},
      };
    },
    ({ code: problem }, request) => {
      if (problem !== '${ENTITY}_EXISTS') return undefined;
      const { ${key.field} } = readBody(newColumns, request);
      return databaseError(
        'duplicate key value violates unique constraint "${keyConstraint}"',
        \`Key (${key.column})=(\${${key.field}}) already exists.\`,
      );
    },
  ),`;
}

/** `src/legacy/supplier.compare.ts` */
export function compareFile(model: EntityModel): string {
  const losses = lossesOf(model);
  return `
import type { CompareDefinition } from '@banyan/transformer';

export const ${model.entity}Compare: CompareDefinition = {
  ignores: [],
  losses: [
${lines(losses, ({ name, reason }) => `{ name: '${name}', reason: ${JSON.stringify(reason)} },`)}
  ],
};
`;
}

/** What the package declares, in its code and on the page of declared losses. */
export function lossesOf({
  leftOut,
  table,
}: EntityModel): readonly { readonly name: string; readonly reason: string }[] {
  return [
    { name: 'removal-reason-not-in-legacy', reason: 'Legacy deletes the row; why is only in the event.' },
    ...leftOut.map((column) => ({
      name: `${column.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-not-in-v2`,
      reason: `${column} of ${table} stays in legacy; V2 does not have it, and does not write it.`,
    })),
  ];
}
