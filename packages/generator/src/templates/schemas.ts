import type { EntityModel, Field } from '../entity-model.js';
import { capital } from '../names.js';

/** The events of an entity: `.avsc` by file name. */
export function schemaFiles(model: EntityModel): ReadonlyMap<string, string> {
  const { Entity, entity, one, domain, stateFields } = model;
  const legacyId = { name: 'legacyId', doc: 'Canonical id of the row in the legacy system.', type: 'string' };
  const state = stateFields.map(avroField);
  const reason = { name: 'reason', doc: 'Why it was removed, in words.', type: ['null', 'string'], default: null };
  const events: [string, string, object[]][] = [
    ['Added', `${capital(one)} was added in V2; the whole ${entity}.`, state],
    ['Changed', `${capital(one)} was changed in V2; the whole ${entity} as it is now.`, state],
    ['Removed', `${capital(one)} was removed in V2.`, [reason]],
    ['Imported', `${capital(one)} was read from legacy; the whole ${entity} as legacy has it.`, [legacyId, ...state]],
    ['Vanished', `Legacy has no row of this ${entity} any more.`, [legacyId]],
    [
      'Restated',
      `An operator put a whole ${entity} in the place of what could not be processed; what stood still before it is closed.`,
      restatement(model, state),
    ],
  ];
  return new Map(
    events.map(([fact, doc, fields]) => {
      const schema = { type: 'record', name: `${Entity}${fact}`, namespace: `${domain}.${entity}.v1`, doc, fields };
      return [`${Entity}${fact}.avsc`, `${json(schema)}\n`];
    }),
  );
}

function restatement({ Entity, entity, one }: EntityModel, fields: object[]): object[] {
  const whole = { type: 'record', name: `${Entity}State`, doc: `${capital(one)}, whole.`, fields };
  return [
    { name: 'by', doc: 'Who restated it.', type: 'string' },
    { name: 'reason', doc: 'Why, in words.', type: 'string' },
    {
      name: 'state',
      doc: `The whole ${entity} from now on; null = there is none any more.`,
      type: ['null', whole],
      default: null,
    },
  ];
}

function avroField({ name, doc, nullable, code }: Field): object {
  return nullable ? { name, doc, type: ['null', code.avro], default: null } : { name, doc, type: code.avro };
}

/** Lists of plain values on one line, as people write them. */
function json(value: object): string {
  return JSON.stringify(value, null, 2).replace(/\[\s+("[^[\]{}]*")\s+\]/g, (_, items: string) => {
    return `[${items.replace(/\s*\n\s*/g, ' ')}]`;
  });
}
