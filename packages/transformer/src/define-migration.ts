import { BanyanError } from '@banyan/core';
import { legacyRoutesOf, repeated, routesOf } from './definition-problems.js';
import type { AnyEntity } from './entity.js';

/**
 * The list of the entities being migrated, checked together: what each may use once, and what waits for what.
 * Throws `TRANSFORMER_MIGRATION_INVALID` with everything that is wrong.
 */
export function defineMigration(entities: readonly AnyEntity[]): readonly AnyEntity[] {
  const problems = [
    ...repeated(
      entities.map((entity) => entity.name),
      'entity',
    ),
    ...repeated(entities.flatMap(routesOf), 'route'),
    ...repeated(entities.flatMap(legacyRoutesOf), 'legacy route'),
    ...repeated(
      entities.flatMap((entity) => entity.projections.map(({ table }) => table)),
      'table',
    ),
    ...repeated(
      entities.flatMap((entity) => entity.migrations.map(({ name }) => name)),
      'migration',
    ),
    ...referenceProblems(entities),
  ];
  if (problems.length > 0) {
    throw new BanyanError('TRANSFORMER_MIGRATION_INVALID', `The list of entities: ${problems.join('; ')}.`, {
      data: { problems },
    });
  }
  return entities;
}

/**
 * Unknown names, and cycles of ids that legacy assigns: an order that waits for the link of a product that waits for the
 * link of that order never gets either. A derived id is known at once, so a cycle through it waits for nobody.
 */
function referenceProblems(entities: readonly AnyEntity[]): string[] {
  const byName = new Map(entities.map((entity) => [entity.name, entity]));
  const problems = entities.flatMap((entity) =>
    (entity.refersTo ?? [])
      .filter((name) => !byName.has(name))
      .map((name) => `entity ${entity.name} refers to ${name}, which is not in the list`),
  );
  const waitsFor = (name: string) =>
    (byName.get(name)?.refersTo ?? []).filter(
      (other) => byName.get(other)?.legacy.identity.type === 'assigned-by-legacy',
    );
  const visit = (name: string, path: readonly string[]): void => {
    const at = path.indexOf(name);
    if (at >= 0) {
      const cycle = [...path.slice(at), name];
      // Every member finds the same cycle; the one that begins with its smallest name speaks for it.
      if (cycle.every((other) => (cycle[0] ?? '') <= other)) {
        problems.push(`ids that legacy assigns depend on each other: ${cycle.join(' -> ')}`);
      }
      return;
    }
    for (const other of waitsFor(name)) visit(other, [...path, name]);
  };
  for (const { name, legacy } of entities) if (legacy.identity.type === 'assigned-by-legacy') visit(name, []);
  return [...new Set(problems)];
}

/** The entity of a name. Throws `TRANSFORMER_ENTITY_UNKNOWN` with the names there are. */
export function findEntity(entities: readonly AnyEntity[], name: string): AnyEntity {
  const entity = entities.find((candidate) => candidate.name === name);
  if (entity === undefined) {
    const known = entities.map((candidate) => candidate.name);
    throw new BanyanError(
      'TRANSFORMER_ENTITY_UNKNOWN',
      `No entity ${JSON.stringify(name)} is being migrated; there are ${known.join(', ')}.`,
      { data: { name, known } },
    );
  }
  return entity;
}
