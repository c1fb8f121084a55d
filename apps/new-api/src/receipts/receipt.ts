import type { Outcome } from '@banyan/core';
import type { ParkedEntry } from '@banyan/postgres';
import type { SendReport } from '../ported/porter-sends.js';

/**
 * How far an event has come in V2. `unknown`: Kafka has not said that it has it. `accepted`: in the log. `projected`: folded, `outcome`
 * tells; if it took effect, V2 shows it. `parked`: it took effect, and V2 stands still behind an event that cannot be processed.
 */
export const RECEIPT_STATES = ['unknown', 'accepted', 'projected', 'parked'] as const;
export type ReceiptState = (typeof RECEIPT_STATES)[number];

/** The fold's words for a command; `unchanged`, `superseded` are said of imports, which nobody is given a receipt for. */
export const OUTCOMES = ['effective', 'conflict', 'stale', 'invalid'] as const satisfies readonly Outcome[];

export const PORT_STATES = [
  'ported',
  'waiting',
  'sending',
  'refused',
  'parked',
  'in-doubt',
  'port-off',
  'discarded',
  'not-configured',
  'unknown',
] as const satisfies readonly (SendReport['state'] | 'unknown')[];

/** What became of an event at one port: as the porter says it, or `unknown` while it says nothing. */
export interface PortReceipt extends Omit<SendReport, 'state' | 'status' | 'words'> {
  readonly port: string;
  readonly state: (typeof PORT_STATES)[number];
  /** `refused` only: legacy's own. */
  readonly legacyStatus?: number;
  readonly legacyWords?: string;
}

/** What became of an event, as `GET /v2/receipts/:eventId` answers it. */
export interface Receipt {
  readonly eventId: string;
  readonly entity: string;
  /** Of the entity. */
  readonly id: string;
  /** Where the entity is. */
  readonly location: string | null;
  readonly state: ReceiptState;
  /** The fold's word; null = not known yet. Anything but `effective` took no effect, and never will. */
  readonly outcome: Outcome | null;
  /** The version that it made; null where it made none, or nobody knows yet. */
  readonly version: number | null;
  /** `parked` only: what V2 stands still behind. */
  readonly parked?: Pick<ParkedEntry, 'eventId' | 'eventType' | 'errorCode' | 'errorMessage'> | null;
  /** Empty until it took effect. */
  readonly ports: readonly PortReceipt[];
  /** Nothing more will come: this is the last word. */
  readonly done: boolean;
  /** ISO 8601 UTC. */
  readonly since: string;
  readonly keptUntil: string;
}

/** What is known of an event. */
export interface ReceiptFacts extends Omit<Receipt, 'outcome' | 'version' | 'done' | 'ports'> {
  readonly outcome?: Outcome | undefined;
  /** Version that it makes if it takes effect. */
  readonly makes: number;
  readonly ports: readonly PortReceipt[];
  /** False = no porter is configured: nobody here can say what legacy has. */
  readonly asksPorter: boolean;
}

const OWED_NOTHING: readonly PortReceipt['state'][] = ['ported', 'not-configured', 'discarded'];

/** Pure. */
export function receiptOf({ makes, asksPorter, ports, outcome, ...facts }: ReceiptFacts): Receipt {
  const { eventId, entity, id, location, state, parked, since, keptUntil } = facts;
  const isEffective = outcome === 'effective';
  // A person can let a parked send go on and switch a port on again, so these are no last words.
  // Where no porter was told of a backend, or somebody gave the send up, nothing is owed to it.
  const isPorted = !asksPorter || ports.every(({ state }) => OWED_NOTHING.includes(state));
  const done = outcome !== undefined && (!isEffective || (state === 'projected' && isPorted));
  return {
    eventId,
    entity,
    id,
    location,
    state,
    outcome: outcome ?? null,
    version: isEffective ? makes : null,
    ...(state === 'parked' ? { parked: parked ?? null } : {}),
    ports: isEffective ? ports : [],
    done,
    since,
    keptUntil,
  };
}

/** @param report undefined = no porter is configured */
export function portReceipt(port: string, report: SendReport | undefined): PortReceipt {
  if (report === undefined) {
    const message = 'No PORTER_URL is configured here, so nobody can say.';
    return { port, state: 'unknown', legacyId: null, errorCode: null, message };
  }
  const { state, legacyId, errorCode, message, status, words } = report;
  return {
    port,
    state,
    legacyId,
    errorCode,
    message,
    ...(status === undefined ? {} : { legacyStatus: status, legacyWords: words ?? '' }),
  };
}
