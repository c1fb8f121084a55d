import { type EntityControl, entityControl, entitySubject } from '@banyan/control';
import type { AnyEntity } from '@banyan/transformer';
import { type ControlSides, refusedBy } from './sides.js';

export interface EntityModes extends EntityControl {
  readonly entity: string;
}

export function listEntities({
  control,
  entities,
}: Pick<ControlSides, 'control' | 'entities'>): readonly EntityModes[] {
  return entities.map(({ name }) => ({ entity: name, ...entityControl(control.state(), name) }));
}

/** Opens an entity for native writes; nothing to do where it is open. Throws `OPERATIONS_REFUSED`. */
export async function openEntity(sides: ControlSides, { name }: AnyEntity): Promise<{ readonly already: boolean }> {
  const { control, by, reason } = sides;
  if (entityControl(control.state(), name).opened) return { already: true };
  const data = { subject: entitySubject(name) };
  const answer = await control.append({ type: 'banyan.control.v1.EntityOpened', data }, { by, reason });
  if (!answer.accepted && !entityControl(control.state(), name).opened)
    throw refusedBy(`${name} is not opened`, answer.why);
  return { already: !answer.accepted };
}

/** Closes legacy's write routes of an entity (410), or opens them again. Throws `OPERATIONS_REFUSED`. */
export async function setWritesGone(sides: ControlSides, { name }: AnyEntity, gone: boolean): Promise<void> {
  const { control, by, reason } = sides;
  const data = { subject: entitySubject(name) };
  const type = gone ? 'banyan.control.v1.EntityGone' : 'banyan.control.v1.EntityReturned';
  const answer = await control.append({ type, data }, { by, reason });
  if (!answer.accepted)
    throw refusedBy(`writes of ${name} stay ${entityControl(control.state(), name).writeMode}`, answer.why);
}
