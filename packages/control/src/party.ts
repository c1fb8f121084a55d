import { BanyanError } from '@banyan/core';
import type { Control, PartyDescription } from './control.js';
import { entitySubject, partySubject } from './control-event.js';
import { entityControl } from './control-state.js';

type Writes = Pick<Control, 'state' | 'append'>;

export interface Identity {
  readonly name: string;
  readonly incarnation: string;
}

const TRIES = 5;

/** First writer wins, so a join may have to be written again behind somebody's `forget` or an earlier start's `leave`. */
export async function join(control: Writes, { name, incarnation }: Identity, party: PartyDescription): Promise<void> {
  let why = '';
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const joined = await control.append({
      type: 'banyan.control.v1.PartyJoined',
      data: { subject: partySubject(name), name, ...party, incarnation },
    });
    if (joined.accepted) return;
    why = joined.why;
  }
  throw new BanyanError(
    'CONTROL_NOT_JOINED',
    `${name} could not register: ${why}. Is another process started under it?`,
    {
      retryable: true,
      data: { name, why },
    },
  );
}

export async function leave(control: Writes, { name, incarnation }: Identity): Promise<void> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    if (control.state().parties[name]?.incarnation !== incarnation) return;
    const data = { subject: partySubject(name), name, incarnation };
    const left = await control.append({ type: 'banyan.control.v1.PartyLeft', data });
    if (left.accepted) return;
  }
}

export async function prepared(control: Writes, { name, incarnation }: Identity, entity: string): Promise<void> {
  const { move } = entityControl(control.state(), entity);
  if (move?.step !== 'planned' || move.prepared.includes(name)) return;
  await control.append({
    type: 'banyan.control.v1.MovePrepared',
    data: { subject: entitySubject(entity), party: name, epoch: move.epoch, incarnation },
  });
}
