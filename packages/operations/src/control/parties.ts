import { type Party, partySubject } from '@banyan/control';
import { type ControlSides, refusedBy } from './sides.js';

export function listParties({ control }: Pick<ControlSides, 'control'>): readonly Party[] {
  return Object.values(control.state().parties);
}

/** A person says that a process is dead and does not come back: no move waits for it. Throws `OPERATIONS_REFUSED`. */
export async function forgetParty({ control, by, reason }: ControlSides, name: string): Promise<void> {
  const data = { subject: partySubject(name), name };
  const answer = await control.append({ type: 'banyan.control.v1.PartyForgotten', data }, { by, reason });
  if (!answer.accepted) throw refusedBy(`${name} is not forgotten`, answer.why);
}
