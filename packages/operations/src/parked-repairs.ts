import { BanyanError, isBanyanError } from '@banyan/core';
import { askApp } from './app-client.js';
import { refusedBy } from './control/sides.js';
import { listParked, type ParkedKey } from './parked.js';
import type { AppAddress } from './status.js';

/** Who repairs, why, and how the apps know that he may. */
export interface Repairer {
  /** Of the apps' configuration, where they listen for other machines. */
  readonly token: string | undefined;
  readonly by: string;
  readonly reason: string;
}

export interface StandingAsked {
  /** `v2-projector.order`, `legacy-porter.order.backend` */
  readonly consumer: string;
  readonly key: string;
  /** Default: the event that stands when this is asked. */
  readonly eventId?: string | undefined;
}

/** What a person is about to decide on: read, and nothing is changed. */
export interface StandingPlan {
  readonly standing: ParkedKey;
  readonly address: AppAddress;
}

export interface DiscardDone {
  /** Events of the key that went on. */
  readonly replayed: number;
  /** Events of the key that still stand. */
  readonly waiting: number;
  /** Why they do, where the next one failed as well. */
  readonly error?: { readonly code: string; readonly message: string };
}

/**
 * What stands of a key at a consumer. Throws `OPERATIONS_NOTHING_PARKED`, `OPERATIONS_APP_AWAY`, and `OPERATIONS_REFUSED` where another event stands
 * than the one that is named.
 */
export async function planStanding(
  addresses: readonly AppAddress[],
  { consumer, key, eventId }: StandingAsked,
): Promise<StandingPlan> {
  for (const address of addresses.filter(({ app }) => consumer.startsWith(`${app}.`))) {
    const { keys, away } = await listParked([address]);
    if (away[0] !== undefined) throw new BanyanError('OPERATIONS_APP_AWAY', away[0], { retryable: true });
    const its = keys.filter((one) => `${one.app}.${one.consumer}` === consumer && one.key === key);
    const standing = its.find(({ kind }) => kind !== 'invalid' && kind !== 'unlike');
    if (standing === undefined) continue;
    if (eventId === undefined || standing.eventId === eventId) return { standing, address };
    throw refusedBy(`${key} is left as it is`, `event ${standing.eventId} stands at ${consumer}, not ${eventId}`);
  }
  throw new BanyanError(
    'OPERATIONS_NOTHING_PARKED',
    `Nothing of ${key} is parked at ${consumer}; see \`banyan parked list\`.`,
    { data: { consumer, key } },
  );
}

/**
 * Gives up what a key stands behind, for good. Throws `OPERATIONS_REFUSED` where it cannot be given up, or something else stands by now.
 * @param notArrived of a send in doubt: somebody has looked, and legacy did not take it
 */
export function discardStanding(repairer: Repairer, plan: StandingPlan, notArrived: boolean): Promise<DiscardDone> {
  return tell<DiscardDone>(repairer, plan, '/internal/parked/discard', notArrived ? { notArrived } : {});
}

/** Why a plan cannot be discarded, in words; undefined = it can, as far as anybody knows. */
export function whyNotDiscarded({ standing }: StandingPlan, notArrived: boolean): string | undefined {
  const { kind, errorCode } = standing;
  if (kind === 'state') {
    return 'its state stands, and later events were decided on it: mend the code and replay; of a key of legacy a later import passes it, of a key of V2 banyan restate';
  }
  if (errorCode === 'PORTER_WRITER_SILENT') return 'a porter that is silent may be sending it: banyan porters forget';
  if (kind === 'in-doubt' && !notArrived) {
    return 'nobody knows whether legacy took it: look there, then banyan parked settle, or add --not-arrived';
  }
  return undefined;
}

/** What a person has seen in legacy of a send in doubt. */
export type SeenInLegacy = { readonly arrivedAs: string } | { readonly notArrived: true };

/** Ends a doubt by what a person has seen. Throws `OPERATIONS_REFUSED` where it cannot be so. */
export async function settleStanding(repairer: Repairer, plan: StandingPlan, seen: SeenInLegacy): Promise<void> {
  if (plan.standing.kind !== 'in-doubt') {
    throw refusedBy(`${plan.standing.key} is not settled`, 'it is not in doubt: banyan parked replay lets it go on');
  }
  await tell(repairer, plan, '/internal/parked/settle', seen);
}

async function tell<T>(
  { token, by, reason }: Repairer,
  { standing, address }: StandingPlan,
  path: string,
  more: object,
): Promise<T> {
  const { entity, key, eventId, consumer } = standing;
  const [, port] = consumer.split('.');
  const body = { entity, key, eventId, by, reason, ...(port === undefined ? {} : { port }), ...more };
  try {
    return await askApp<T>(address.app, address.url, path, { body, token });
  } catch (error) {
    const refused = isBanyanError(error) && error.code === 'OPERATIONS_APP_REFUSED' && error.data.statusCode === 409;
    throw refused ? refusedBy(`${key} is left as it is`, error.message) : error;
  }
}
