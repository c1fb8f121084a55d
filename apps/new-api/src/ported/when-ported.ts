import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, isBanyanError } from '@banyan/core';
import type { Answer } from '../http/answer.js';
import type { ApiRequest } from '../http/api-request.js';
import { problem } from '../problems.js';
import type { V2View } from '../store/v2-store.js';
import type { PorterSends, SendReport } from './porter-sends.js';

export interface PortedTools {
  /** undefined = no porter is configured: nothing is ever ported. */
  readonly sends: PorterSends | undefined;
  readonly store: V2View;
  readonly clock: Clock;
  /** How long a caller that names no deadline waits, milliseconds. */
  readonly portedDeadlineMs: number;
  /** Aborted when this process stops and open requests must come to an end. */
  readonly due: AbortSignal;
}

/** That a caller wants legacy to have it, too. */
export interface Wait {
  /** For the whole request. */
  readonly deadlineMs: number;
}

const LONGEST_MS = 60_000;
/** Between two questions to the porter, milliseconds; the first ones come quickly, since a send takes some 10 ms. */
const PAUSES_MS = [10, 20, 40];
const PAUSE_MS = 75;
/** One question at most, milliseconds: a porter that is frozen may be answered for by another one. */
const QUESTION_MS = 2_000;

/** `Banyan-Wait-For: ported`, within `Banyan-Deadline-Ms`. Throws `API_WAIT_FOR_INVALID`. */
export function waitOf(request: Pick<ApiRequest, 'header'>, defaultMs: number): Wait | undefined {
  const what = request.header('banyan-wait-for');
  if (what === undefined) return undefined;
  if (what.trim().toLowerCase() !== 'ported') {
    throw problem('API_WAIT_FOR_INVALID', `Banyan-Wait-For ${JSON.stringify(what)}: only ported can be waited for.`);
  }
  const given = request.header('banyan-deadline-ms');
  if (given === undefined) return { deadlineMs: defaultMs };
  const deadlineMs = /^\d{1,6}$/.test(given) ? Number(given) : 0;
  if (deadlineMs >= 1 && deadlineMs <= LONGEST_MS) return { deadlineMs };
  throw problem(
    'API_WAIT_FOR_INVALID',
    `Banyan-Deadline-Ms ${JSON.stringify(given)} is no number of milliseconds from 1 to ${LONGEST_MS}.`,
  );
}

/**
 * Waits until legacy has what an answer acknowledges, and says so: `Banyan-Ported` yes or no, `Banyan-Port-State` why not, and the
 * legacy id once there is one. It is asked anew for a repeat of the request, whose stored answer is that of V2 alone.
 *
 * Ported is said when V2 finds the entity by that id, too: a legacy client that was given an OrderID asks for it next, and V2's links
 * come with the porter's receipts, a moment later. At the deadline it is said all the same, since legacy has it.
 * Throws `API_LEGACY_REFUSED` (424) with legacy's own status and words; V2 has it all the same.
 * @param begun monotonic time of the request's beginning
 */
export async function whenPorted(
  tools: Omit<PortedTools, 'store'> & { readonly store: Pick<V2View, 'legacyIds'> },
  entity: string,
  answer: Answer,
  { deadlineMs, begun }: Wait & { readonly begun: number },
): Promise<Answer> {
  const done = acknowledged(answer);
  if (done === undefined) return answer;
  const { sends, store, clock, due } = tools;
  const leftMs = (): number => (due.aborted ? 0 : begun + deadlineMs - clock.monotonic());
  const report = sends && (await settled(sends, { entity, ...done }, leftMs));
  if (report?.state === 'refused') throw refused(entity, done, report);
  const legacyId = report?.legacyId ?? undefined;
  if (report?.state === 'ported' && legacyId !== undefined) await linked(store, entity, done.id, leftMs);
  const { id, version, ...state } = answer.body as Record<string, unknown>;
  return {
    status: answer.status,
    headers: {
      ...answer.headers,
      'banyan-ported': report?.state === 'ported' ? 'yes' : 'no',
      'banyan-port-state': report?.state ?? 'unknown',
    },
    body: { id, version, ...state, ...(legacyId === undefined ? {} : { legacyId }) },
  };
}

interface Acknowledged {
  readonly id: string;
  readonly version: number;
}

/** undefined = nothing is acknowledged: a problem, or 202. */
function acknowledged({ status, body }: Answer): Acknowledged | undefined {
  if (status !== 200 && status !== 201) return undefined;
  const { id, version } = body as { readonly id?: unknown; readonly version?: unknown };
  return typeof id === 'string' && typeof version === 'number' ? { id, version } : undefined;
}

/** The last that was heard before the deadline; undefined = the porter said nothing. */
async function settled(
  sends: PorterSends,
  { entity, id, version }: Acknowledged & { readonly entity: string },
  leftMs: () => number,
): Promise<SendReport | undefined> {
  let last: SendReport | undefined;
  for (let asked = 0; leftMs() > 0; asked += 1) {
    try {
      last = await sends.send({ entity, key: id, version }, Math.min(leftMs(), QUESTION_MS));
      if (last.state !== 'waiting' && last.state !== 'sending') return last;
    } catch (error) {
      // A porter that starts anew goes on with the send: it may answer before the deadline.
      if (!isBanyanError(error) || !error.retryable) throw error;
    }
    await pause(asked, leftMs);
  }
  return last;
}

async function linked(
  store: Pick<V2View, 'legacyIds'>,
  entity: string,
  id: string,
  leftMs: () => number,
): Promise<void> {
  for (let asked = 0; leftMs() > 0; asked += 1) {
    try {
      if ((await store.legacyIds(entity, [id])).has(id)) return;
    } catch (error) {
      // V2 and legacy both have it: a store that is away must not turn that into an error, whose caller does it again.
      if (!isBanyanError(error) || !error.retryable) throw error;
    }
    await pause(asked, leftMs);
  }
}

function pause(asked: number, leftMs: () => number): Promise<void> {
  return delay(Math.max(0, Math.min(PAUSES_MS[asked] ?? PAUSE_MS, leftMs())));
}

function refused(entity: string, { id, version }: Acknowledged, report: SendReport): Error {
  const { status, words = '', legacyId } = report;
  return problem(
    'API_LEGACY_REFUSED',
    `V2 has ${entity} ${id} at version ${version}, but legacy refused it with HTTP ${status} (${words}). The send is parked: mend what it refuses, then \`banyan parked replay ${entity} ${id}\`.`,
    { data: { id, version, legacyId, legacyStatus: status, legacyWords: words } },
  );
}
