import type { EntityModel, Field } from '../entity-model.js';
import { eventList, eventModule, namesOf, values, where } from './code.js';

/** `src/testing/supplier.fixture.ts` */
export function fixtureFile({ entity, Entity, identity, key, fields, stateFields }: EntityModel): string {
  const natural = identity === 'natural-key';
  const [first] = fields;
  const example = (field: Field) => (natural && field === key ? keyExample(field) : field.code.example);
  return `
import { canonical, type ${Entity}Row } from '../legacy/${entity}-row.js';
import type { ${Entity} } from '../${entity}.js';

/** One ${entity} with everything said, for the specs of this package. */
export const example: ${Entity} = {
${values(stateFields, 'name', example)}
};

export const other: ${Entity} = { ...example, ${first?.name}: ${first?.code.other} };

/** The same, as legacy has it. */
export const exampleRow: ${Entity}Row = canonical({
  ${key.field}: ${natural ? keyExample(key) : '7'},
${values(fields, 'field', ({ code }) => code.example)}
});
`;
}

/** `src/supplier.spec.ts` */
export function entitySpec(model: EntityModel): string {
  const { entity, Entity, ENTITY, one, identity, key, fields, stateFields } = model;
  const natural = identity === 'natural-key';
  const optional = fields.filter(({ nullable }) => nullable);
  const said = stateFields.filter(({ nullable }) => !nullable);
  const malformed = fields.flatMap(({ name, nullable, code }) => [
    `['${name}', { ${name}: ${code.malformed} }],`,
    ...(nullable ? [] : [`['${name}', { ${name}: null }],`]),
  ]);
  return `
import { event } from '@banyan/contracts';
import { ${eventList(model)} } from '${eventModule(model)}';
import { scenariosOf } from '@banyan/transformer/testing';
import { describe, expect, it } from '@jest/globals';
import { add${Entity} } from './commands/add-${entity}.js';
import { change${Entity} } from './commands/change-${entity}.js';
import { remove${Entity} } from './commands/remove-${entity}.js';
import { ${entity} } from './index.js';
import { example, other } from './testing/${entity}.fixture.js';

const { givenEvents } = scenariosOf(${entity});
const added = event(${Entity}Added, example);

describe('Add${Entity}', () => {
  it('adds ${one}', () => {
    expect(givenEvents().whenCommand(add${Entity}, example).thenEvent(added).state).toEqual(example);
  });
${
  optional.length === 0
    ? ''
    : `
  it('takes what is not said for unknown', () => {
    const said = { ${said.map(({ name }) => `${name}: example.${name}`).join(', ')} };
    const unknown = { ${optional.map(({ name }) => `${name}: null`).join(', ')} };
    givenEvents().whenCommand(add${Entity}, said).thenEvent(event(${Entity}Added, { ...said, ...unknown }));
  });
`
}
  it('refuses one that is there', () => {
    givenEvents(added).whenCommand(add${Entity}, example).thenRefused('${ENTITY}_EXISTS');
  });

  it.each([
${malformed.join('\n')}
    ['', { nothingOfLegacy: 1 }],
  ])('finds what legacy cannot hold at %j: %j', (path, change) => {
    givenEvents()
      .whenCommand(add${Entity}, { ...example, ...change })
      .thenMalformed(path);
  });
});

describe('Change${Entity}', () => {
  it('replaces the whole ${entity}', () => {
    givenEvents(added).whenCommand(change${Entity}, other).thenEvent(event(${Entity}Changed, other));
  });

  it('does nothing when it is so already', () => {
    givenEvents(added).whenCommand(change${Entity}, example).thenNothing();
  });

  it('refuses ${one} that is not there', () => {
    givenEvents().whenCommand(change${Entity}, example).thenRefused('${ENTITY}_NOT_FOUND');
  });
${
  natural
    ? `
  it('refuses another id', () => {
    const elsewhere = { ...other, ${key.name}: ${keyOther(key)} };
    givenEvents(added).whenCommand(change${Entity}, elsewhere).thenRefused('${ENTITY}_ID_FIXED');
  });
`
    : ''
}});

describe('Remove${Entity}', () => {
  it('removes ${one}', () => {
    const removed = event(${Entity}Removed, { reason: null });
    expect(givenEvents(added).whenCommand(remove${Entity}, {}).thenEvent(removed).state).toBeUndefined();
  });

  it('refuses ${one} that is not there', () => {
    givenEvents().whenCommand(remove${Entity}, {}).thenRefused('${ENTITY}_NOT_FOUND');
  });
});

it('is what its row is when it is imported, and gone when the row is', () => {
  const legacyId = ${natural ? `example.${key.name}` : "'7'"};
  const imported = event(${Entity}Imported, { legacyId, ...example });
  givenEvents(imported).thenState(example);
  givenEvents(imported, event(${Entity}Vanished, { legacyId })).thenState(undefined);
});
`;
}

/** `src/legacy/supplier.legacy.spec.ts` */
export function legacySpec(model: EntityModel): string {
  const { entity, Entity, identity, key, fields, search } = model;
  const natural = identity === 'natural-key';
  const any = values(fields, 'field', ({ code, nullable }) =>
    nullable ? `fc.option(${code.arbitrary})` : code.arbitrary,
  );
  const kinds = new Set(fields.map(({ code }) => code.row));
  const imported = namesOf([
    kinds.has('column.real') ? 'asReal' : undefined,
    kinds.has('column.date') ? 'dayOf' : undefined,
  ]);
  const odd = [
    ...fields.filter(({ nullable }) => !nullable).map(({ field }) => `['${field}', null],`),
    natural ? `['${key.field}', 7],` : `['${key.field}', '7'],`,
    "['NotOfLegacy', 1],",
  ];
  return `
import { inMemoryCodec } from '@banyan/contracts/testing';
${where(imported !== '', `import { ${imported} } from '@banyan/transformer';`)}
import { checkLawOfThePort, manifestText } from '@banyan/transformer/testing';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ${entity} } from '../index.js';
import { exampleRow } from '../testing/${entity}.fixture.js';
${where(!natural, `import { ${entity}Backend } from './${entity}.port.js';`)}
import { canonical, type ${Entity}Row } from './${entity}-row.js';

const anyRow: fc.Arbitrary<${Entity}Row> = fc.record({
  ${key.field}: ${natural ? `fc.stringMatching(/^[A-Z0-9]{1,${key.maxLength}}$/)` : 'fc.integer({ min: 1, max: 32767 })'},
${any}
});

describe('the law of the port', () => {
  it('holds for any row', () => {
    fc.assert(
      fc.property(anyRow, (row) => {
        expect(checkLawOfThePort(${entity}, [row]).rows).toBe(1);
      }),
    );
  });

  it('tells what is lost, by name', () => {
    const manifest = checkLawOfThePort(${entity}, [exampleRow]);
    process.stdout.write(\`\${manifestText(manifest)}\\n\`);
    expect(manifest).toMatchObject({ rows: 1, unmappable: [] });
  });
});

it('imports survive Avro', async () => {
  const codec = await inMemoryCodec(${entity}.events);
  await fc.assert(
    fc.asyncProperty(anyRow, async (row) => {
      const { type, data } = ${entity}.legacy.importRow(row, { id: 'unused', idOf: () => 'unused' });
      expect(await codec.decode(type, codec.encode(type, data))).toEqual(data);
    }),
  );
});

describe('a row that is none', () => {
  it.each([
${odd.join('\n')}
  ])('has in %s the value %j, and that is said', (column, value) => {
    expect(() => canonical({ ...exampleRow, [column]: value })).toThrow(
      expect.objectContaining({ name: 'UnmappableRow', column, value }),
    );
  });
${
  natural
    ? `
  it('has an id in another form, and importRow says so', () => {
    const row = { ...exampleRow, ${key.field}: ' a' };
    expect(() => ${entity}.legacy.importRow(row, { id: 'unused', idOf: () => 'unused' })).toThrow(
      expect.objectContaining({ name: 'UnmappableRow', column: '${key.field}', value: ' a' }),
    );
  });
`
    : ''
}});
${
  natural
    ? ''
    : `
it('is sent without an id, found again by its ${search?.field}, and has the id that legacy answers', () => {
  const { create } = ${entity}Backend.target;
  if (create.deliveryClass !== 'probe') throw new Error('what legacy numbers is created with a probe');
  const sent = { ...exampleRow, ${key.field}: null };
  expect(create.request(sent).body).not.toHaveProperty('${key.field}');
  expect(create.probePath(sent, null)).toBe(\`/api/${model.table}?${search?.field}=\${encodeURIComponent(sent.${search?.field})}\`);
  expect(create.idFromAnswer({ ...exampleRow, ${key.field}: 8 })).toBe('8');
});
`
}`;
}

/** `src/legacy/supplier.routes.spec.ts` */
export function routesSpec(model: EntityModel): string {
  const { entity, Entity, ENTITY, identity, key, keyConstraint, fields } = model;
  const natural = identity === 'natural-key';
  const legacyId = natural ? keyExample(key) : "'7'";
  const written = natural
    ? `{ name: 'Add${Entity}', legacyId: ${legacyId} }`
    : `{ name: 'Add${Entity}', creation: {} }`;
  const refusals = fields.flatMap(({ field, nullable, code }) => [
    `[{ ${field}: ${code.refused.value} }, '${field} ${code.refused.words}'],`,
    ...(nullable ? [] : [`[{ ${field}: null }, '${field} is required.'],`]),
  ]);
  return `
import { importedId } from '@banyan/core';
import { LegacyRefused } from '@banyan/transformer';
import { legacyRequest, throughRoute, writeRoute } from '@banyan/transformer/testing';
import { describe, expect, it } from '@jest/globals';
import { ${entity} } from '../index.js';
import { example, exampleRow } from '../testing/${entity}.fixture.js';

const legacyId = ${legacyId};
const id = importedId('${entity}', legacyId);
const params = { ${key.field}: legacyId };

describe('${model.one} written through legacy\\u2019s API', () => {
  it('makes the row that was sent', () => {
    const written = throughRoute(${entity}, 'create', { id, body: exampleRow });
    expect(written.command).toMatchObject(${written});
    expect(written.row(legacyId)).toEqual(exampleRow);
  });

  it('is not changed by sending back what was read', () => {
    const written = throughRoute(${entity}, 'replace', { id, params, body: exampleRow, state: example });
    expect(written.command).toMatchObject({ name: 'Change${Entity}', legacyId });
    expect(written.event).toBeUndefined();
  });

  it('is removed by its id', () => {
    const written = throughRoute(${entity}, 'delete', { id, params, state: example });
    expect([written.command.name, written.state]).toEqual(['Remove${Entity}', undefined]);
  });
});

describe('what legacy refuses', () => {
  it.each<[object, string]>([
${refusals.join('\n')}
  ])('%j, in its own words: %s', (change, words) => {
    const request = legacyRequest({ body: { ...exampleRow, ...change } });
    expect(() => writeRoute(${entity}, 'create').toCommand(request)).toThrow(LegacyRefused);
    expect(() => writeRoute(${entity}, 'create').toCommand(request)).toThrow(words);
  });
${
  natural
    ? `
  it('a second one of the same id, in the words of its database', () => {
    const problem = { status: 422, code: '${ENTITY}_EXISTS', detail: 'There already.' };
    const answer = writeRoute(${entity}, 'create').toRefusal?.(problem, legacyRequest({ body: exampleRow }));
    expect([answer?.status, answer?.body]).toEqual([
      500,
      \`Database error: duplicate key value violates unique constraint "${keyConstraint}"\\nKey (${key.column})=(\${legacyId}) already exists.\`,
    ]);
  });
`
    : ''
}});
`;
}

function keyExample({ maxLength = 5 }: Field): string {
  return `'${'BANYAN'.slice(0, maxLength)}'`;
}

function keyOther({ maxLength = 5 }: Field): string {
  return `'${'OTHERS'.slice(0, maxLength)}'`;
}
