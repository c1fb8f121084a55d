import type { DomainEvent } from '@banyan/contracts';
import { BanyanError } from '@banyan/core';
import { definitionProblems } from './definition-problems.js';
import type { EntityDefinition } from './entity.js';
import type { LegacyRow } from './legacy-row.js';

/** Checks a definition once, at load. Throws `TRANSFORMER_INVALID` with everything that is wrong. */
export function defineEntity<S, E extends DomainEvent, R extends LegacyRow>(
  definition: EntityDefinition<S, E, R>,
): EntityDefinition<S, E, R> {
  const problems = definitionProblems(definition);
  if (problems.length > 0) {
    throw new BanyanError('TRANSFORMER_INVALID', `Entity ${definition.name}: ${problems.join('; ')}.`, {
      data: { entity: definition.name, problems },
    });
  }
  return definition;
}
