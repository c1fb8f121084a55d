import { CommandRefused } from './command.js';

/** The state that a command changes. Throws `CommandRefused` `<ENTITY>_NOT_FOUND` when there is none. */
export function requireExisting<S>(state: S | undefined, entity: string, id: string): S {
  if (state === undefined) {
    throw new CommandRefused(`${entity.toUpperCase()}_NOT_FOUND`, `There is no ${entity} ${id}.`, { entity, id });
  }
  return state;
}
