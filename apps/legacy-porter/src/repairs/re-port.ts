import { FIRST_AUTHORITY, ownerOf } from '@banyan/core';
import type { ApplyStates, MadeAnew, ResyncedState } from '@banyan/sink';
import { portOperation } from '@banyan/transformer';
import type { PortedRow } from '../store/ported.js';
import type { PorterStore } from '../store/porter-store.js';
import type { RePortWork } from '../store/repairs.js';

export interface RePortOptions<Handle> {
  readonly store: Pick<PorterStore<Handle>, 'within'>;
  /** `order.backend` */
  readonly consumer: string;
}

/** As the type of the event that a send is of, in lists for people. */
const ASKED_BY = 'banyan.control.v1.ResyncRequested';

/**
 * Sends the whole state of keys once more, through the same queue as everything else: in order per key, journalled, compared with legacy's row
 * and never over somebody else's. A key is like its state when its send is done, or at once where legacy has no row and needs none.
 *
 * A key that legacy owns is never sent: what is there is newer than V2's. An import has told the porter of its row, and that closes what was given
 * up before it.
 */
export function rePort<Handle>({ store, consumer }: RePortOptions<Handle>): ApplyStates<Handle> {
  return async (tx, states): Promise<MadeAnew> => {
    const porter = store.within(tx.handle);
    const keys = states.map(({ key }) => key);
    // Before what is ported: what is not left any more by then is closed, and is seen there.
    const left = await porter.leftToSend(consumer, keys);
    const ported = await porter.readPorted(consumer, keys);
    const authority = { ...FIRST_AUTHORITY, handback: await porter.handbackOf(consumer) };
    const free = states.filter(({ key }) => left.get(key) !== 'standing');
    const [legacys, ours] = split(free, ({ state }) => ownerOf(authority, state.keyState) !== 'new');
    const imported = legacys.flatMap(({ key }) => {
      const version = ported.get(key)?.version;
      return version === undefined ? [] : [[key, version] as const];
    });
    await tx.closeUnlike(new Map(imported));
    const sends = ours.map((one) => ({ key: one.key, work: workOf(consumer, one, ported.get(one.key)) }));
    await porter.addRePorts(sends.flatMap(({ work }) => work ?? []));
    const unneeded = sends.filter(({ work }) => work === undefined).map(({ key }) => key);
    // What is under way may still make the row that is not needed: nobody can say yet what the key is.
    const [open, like] = split(unneeded, (key) => left.has(key));
    return { like, standing: [...keys.filter((key) => left.get(key) === 'standing'), ...open] };
  };
}

/** undefined = legacy has no row and needs none. */
function workOf(
  consumer: string,
  { key, state: { keyState, document, stateHash } }: ResyncedState,
  ported: PortedRow | undefined,
): RePortWork | undefined {
  const operation = portOperation(ported !== undefined && ported.hash !== null, keyState.liveness === 'live');
  if (operation === 'nothing') return undefined;
  const { version, recent } = keyState;
  const eventId = recent.at(-1)?.eventId ?? `${key}/${version}`;
  return { consumer, key, version, eventId, eventType: ASKED_BY, operation, document, stateHash, trace: {} };
}

function split<T>(all: readonly T[], isFirst: (one: T) => boolean): readonly [T[], T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))];
}
