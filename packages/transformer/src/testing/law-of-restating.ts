import type { DomainEvent } from '@banyan/contracts';
import type { EntityDefinition } from '../entity.js';
import type { LegacyRow } from '../legacy-row.js';
import { requireEqual } from './require-equal.js';

const WHY = { by: 'somebody', reason: 'its past cannot be read' };

/**
 * The law of restating: whatever stood before, `evolve` of a restatement leaves exactly the state that it was made of. Checked over each
 * of the states behind nothing and behind each other one, and of there being none. A state has been through JSON where it is kept, and is
 * restated from there. Throws with path and both values.
 */
export function checkLawOfRestating<S, E extends DomainEvent, R extends LegacyRow>(
  entity: EntityDefinition<S, E, R>,
  states: readonly S[],
): void {
  const { restated } = entity;
  if (restated === undefined) throw new Error(`${entity.name} cannot be restated; give it \`restated\`.`);
  if (states.length === 0) throw new Error(`No ${entity.name} states were given: the law would hold of nothing.`);
  const kept = JSON.parse(JSON.stringify(states)) as S[];
  for (const state of [...kept, undefined]) {
    const event = restated.of(state, WHY);
    requireEqual(event.type, restated.type.name, `${entity.name}: the event of a restatement`);
    for (const before of [undefined, ...kept])
      requireEqual(entity.evolve(before, event), state, `${entity.name}: the state behind a restatement`);
  }
}
