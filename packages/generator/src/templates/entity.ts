import type { EntityModel } from '../entity-model.js';
import { capital } from '../names.js';
import { eventList, eventModule, lines, where } from './code.js';

/** `src/index.ts` */
export function indexFile(model: EntityModel): string {
  const { entity, Entity, domain, Plural, identity, key, search, plural } = model;
  const natural = identity === 'natural-key';
  return `
import { ${eventList(model)}, ${Entity}Restated } from '${eventModule(model)}';
import { ${natural ? 'canonicalCode, defineEntity, derivedFrom' : 'assignedByLegacy, canonicalInteger, defineEntity'} } from '@banyan/transformer';
import { add${Entity} } from './commands/add-${entity}.js';
import { change${Entity} } from './commands/change-${entity}.js';
import { remove${Entity} } from './commands/remove-${entity}.js';
import { ${entity}Compare } from './legacy/${entity}.compare.js';
import { importAbsence, importRow } from './legacy/${entity}.import.js';
import { ${entity}Backend } from './legacy/${entity}.port.js';
import { ${entity}Reader } from './legacy/${entity}.reader.js';
import { ${entity}Routes${search === undefined ? '' : `, ${entity}Searches`} } from './legacy/${entity}.routes.js';
import type { ${Entity}Row } from './legacy/${entity}-row.js';
import { evolve, restated, type ${Entity} } from './${entity}.js';
import { ${entity}Rows } from './v2/${entity}-rows.js';
import { migrations } from './v2/migrations.js';
import { get${Entity}, list${Plural} } from './v2/queries.js';

/** ${natural ? `${capital(plural)}: people gave them their ids, so both systems know the id before there is a row.` : `${capital(plural)}: legacy numbers them, so one born in V2 gets its legacy id when it has been ported.`} */
export const ${entity} = defineEntity({
  name: '${entity}',
  domain: '${domain}',
  version: 1,
  events: [${eventList(model)}, ${Entity}Restated],
  evolve,
  restated,
  commands: [add${Entity}, change${Entity}, remove${Entity}],
  queries: [get${Entity}, list${Plural}],
  projections: [${entity}Rows],
  migrations,
  legacy: {
    identity: ${natural ? `derivedFrom((state: ${Entity}) => state.${key.name})` : 'assignedByLegacy()'},
    canonicalId: ${natural ? 'canonicalCode' : 'canonicalInteger'},
    idOf: (row) => ${natural ? `row.${key.field}` : `String(row.${key.field})`},
    reader: ${entity}Reader,
    refsOfRow: () => [],
    importRow,
    importAbsence,
    ports: [${entity}Backend],
    routes: ${entity}Routes,
    ${where(search !== undefined, `searches: ${entity}Searches,`)}
    compare: ${entity}Compare,
  },
});

export type { ${Entity}, ${Entity}Row };
`;
}

/** `src/supplier.ts` */
export function stateFile(model: EntityModel): string {
  const { entity, Entity, table, stateFields } = model;
  return `
import { event } from '@banyan/contracts';
import {
  ${Entity}Added, ${Entity}Changed, type ${Entity}ChangedData, type ${Entity}Event, ${Entity}Imported, ${Entity}Removed, ${Entity}Restated, ${Entity}Vanished,
} from '${eventModule(model)}';
import type { Restatement } from '@banyan/transformer';

/** A row of legacy's ${table}. */
export interface ${Entity} {
${lines(stateFields, ({ doc, name, code, nullable }) => `/** ${doc} */\nreadonly ${name}: ${code.typescript}${nullable ? ' | null' : ''};`)}
}

export function evolve(_state: ${Entity} | undefined, event: ${Entity}Event): ${Entity} | undefined {
  switch (event.type) {
    case ${Entity}Added.name:
    case ${Entity}Changed.name:
    case ${Entity}Imported.name:
      return ${entity}Of(event.data);
    case ${Entity}Restated.name:
      return event.data.state === null ? undefined : ${entity}Of(event.data.state);
    case ${Entity}Removed.name:
    case ${Entity}Vanished.name:
      return undefined;
  }
}

export const restated: Restatement<${Entity}, ${Entity}Event> = {
  type: ${Entity}Restated,
  of: (state, why) => event(${Entity}Restated, { ...why, state: state ?? null }),
};

function ${entity}Of(data: ${Entity}ChangedData): ${Entity} {
  return {
${lines(stateFields, ({ name }) => `${name}: data.${name},`)}
  };
}
`;
}
