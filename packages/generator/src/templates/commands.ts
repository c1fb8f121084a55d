import type { EntityModel } from '../entity-model.js';
import { eventModule, lines, namesOf, where } from './code.js';

/** `src/commands/supplier-body.ts` */
export function bodyFile({ entity, Entity, identity, key, fields }: EntityModel): string {
  const natural = identity === 'natural-key';
  const schemas = namesOf([...fields.map(({ code }) => code.bodyImport), natural ? 'codeSchema' : undefined]);
  const members = lines(
    fields,
    ({ name, code, nullable }) => `${name}: ${code.body}${nullable ? '.nullable().default(null)' : ''},`,
  );
  const whole = `/** The whole ${entity}: lengths and ranges are those of legacy's columns. */`;
  const head = `
import { ${schemas} } from '@banyan/transformer';
import { z } from 'zod';
`;
  if (!natural) {
    return `${head}
${whole}
export const ${entity}Body = z.strictObject({
${members}
});

export type ${Entity}Body = z.infer<typeof ${entity}Body>;
`;
  }
  return `${head}
const fields = {
${members}
} as const;

${whole}
export const new${Entity} = z.strictObject({ ${key.name}: codeSchema(${key.maxLength}), ...fields });

/** The key may be sent back as it was read; it cannot be changed. */
export const changed${Entity} = z.strictObject({ ${key.name}: codeSchema(${key.maxLength}).optional(), ...fields });
`;
}

/** `src/commands/add-supplier.ts` */
export function addFile(model: EntityModel): string {
  const { entity, Entity, ENTITY, one, plural, identity, key } = model;
  const natural = identity === 'natural-key';
  const body = natural ? `z.infer<typeof new${Entity}>` : `${Entity}Body`;
  const [given, named] = natural ? ['command', key.name] : ['context', 'id'];
  return `
import { event } from '@banyan/contracts';
import { ${Entity}Added, type ${Entity}Event } from '${eventModule(model)}';
import { type CommandDefinition, CommandRefused } from '@banyan/transformer';
${where(natural, "import type { z } from 'zod';")}
import type { ${Entity} } from '../${entity}.js';
import { ${natural ? `new${Entity}` : `type ${Entity}Body, ${entity}Body`} } from './${entity}-body.js';

export const add${Entity}: CommandDefinition<${Entity}, ${Entity}Event, ${body}> = {
  name: 'Add${Entity}',
  summary: 'Add ${one}${natural ? ' under an id that nobody has yet' : ''}.',
  http: { method: 'POST', path: '/v2/${plural}' },
  body: ${natural ? `new${Entity}` : `${entity}Body`},
  ${where(natural, `legacyIdOf: (command) => command.${key.name},`)}
  decide(command, state${natural ? '' : ', context'}) {
    if (state !== undefined) {
      throw new CommandRefused('${ENTITY}_EXISTS', \`${Entity} \${${given}.${named}} is there already; change it.\`, {
        ${named}: ${given}.${named},
      });
    }
    return event(${Entity}Added, command);
  },
};
`;
}

/** `src/commands/change-supplier.ts` */
export function changeFile(model: EntityModel): string {
  const { entity, Entity, ENTITY, one, plural, identity, key } = model;
  const natural = identity === 'natural-key';
  const path = `/v2/${plural}/:id`;
  const head = `
import { event } from '@banyan/contracts';
import { ${Entity}Changed, type ${Entity}Event } from '${eventModule(model)}';
import { type CommandDefinition, ${natural ? 'CommandRefused, ' : ''}equalJson, requireExisting } from '@banyan/transformer';
${where(natural, "import type { z } from 'zod';")}
import type { ${Entity} } from '../${entity}.js';`;
  if (!natural) {
    return `${head}
import { type ${Entity}Body, ${entity}Body } from './${entity}-body.js';

export const change${Entity}: CommandDefinition<${Entity}, ${Entity}Event, ${Entity}Body> = {
  name: 'Change${Entity}',
  summary: 'Replace all data of ${one}.',
  http: { method: 'PUT', path: '${path}' },
  body: ${entity}Body,
  decide(command, state, context) {
    const before = requireExisting(state, '${entity}', context.id);
    return equalJson(before, command) ? undefined : event(${Entity}Changed, command);
  },
};
`;
  }
  return `${head}
import { changed${Entity} } from './${entity}-body.js';

export const change${Entity}: CommandDefinition<${Entity}, ${Entity}Event, z.infer<typeof changed${Entity}>> = {
  name: 'Change${Entity}',
  summary: 'Replace all data of ${one} but its id.',
  http: { method: 'PUT', path: '${path}' },
  body: changed${Entity},
  decide(command, state, context) {
    const before = requireExisting(state, '${entity}', context.id);
    const after: ${Entity} = { ...command, ${key.name}: command.${key.name} ?? before.${key.name} };
    if (after.${key.name} !== before.${key.name}) {
      throw new CommandRefused(
        '${ENTITY}_ID_FIXED',
        \`${Entity} \${before.${key.name}} cannot become \${after.${key.name}}: that is its id in the legacy system; add another one.\`,
        { before: before.${key.name}, wanted: after.${key.name} },
      );
    }
    return equalJson(before, after) ? undefined : event(${Entity}Changed, after);
  },
};
`;
}

/** `src/commands/remove-supplier.ts` */
export function removeFile(model: EntityModel): string {
  const { entity, Entity, one, plural } = model;
  return `
import { event } from '@banyan/contracts';
import { type ${Entity}Event, ${Entity}Removed } from '${eventModule(model)}';
import { type CommandDefinition, requireExisting, textSchema } from '@banyan/transformer';
import { z } from 'zod';
import type { ${Entity} } from '../${entity}.js';

const body = z.strictObject({ reason: textSchema(500).nullable().default(null) });

export const remove${Entity}: CommandDefinition<${Entity}, ${Entity}Event, z.infer<typeof body>> = {
  name: 'Remove${Entity}',
  summary: 'Remove ${one}.',
  http: { method: 'DELETE', path: '/v2/${plural}/:id' },
  body,
  decide(command, state, context) {
    requireExisting(state, '${entity}', context.id);
    return event(${Entity}Removed, { reason: command.reason });
  },
};
`;
}
