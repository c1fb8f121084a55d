import { type Answer, etag } from '../http/answer.js';
import { entityBody } from '../http/entity-body.js';
import { locationOf, receiptLocation } from '../http/routes.js';
import type { V2View } from '../store/v2-store.js';
import type { CommandCall } from './command-call.js';
import type { EventOutcome } from './event-outcome.js';
import type { Situation } from './situation.js';

/** How a command is answered when it was not refused. */
export interface Answers {
  /** It is so already. */
  unchanged(situation: Situation): Promise<Answer>;
  effective(key: string, outcome: EventOutcome & { type: 'effective' }, next: unknown): Promise<Answer>;
  /** In the log, outcome not known yet: no acknowledgement, it may still end as a conflict. */
  accepted(key: string, eventId: string): Answer;
}

export function answersOf(store: V2View, { entity, address }: CommandCall): Answers {
  const legacyIdOf = async (key: string): Promise<string | undefined> => {
    // It is there for reading; a store that went away meanwhile must not turn an acknowledged write into an error.
    const ids = await store.legacyIds(entity.name, [key]).catch(() => undefined);
    return ids?.get(key);
  };
  const withState = async (status: number, key: string, version: number, document: unknown): Promise<Answer> => ({
    status,
    headers: { etag: etag(version), ...(status === 201 ? { location: locationOf(entity, key) } : {}) },
    body: entityBody({ id: key, version, legacyId: await legacyIdOf(key), document }),
  });
  return {
    unchanged: ({ key, state }) => withState(200, key, state.appliedVersion, state.document),
    effective: (key, { version, state }, next) => {
      const status = address === undefined ? 201 : 200;
      // The state this event left. Where later events are in already, and this process did not decide it, the present one.
      if (state.appliedVersion === version) return withState(status, key, version, state.document);
      return next === undefined
        ? withState(status, key, state.appliedVersion, state.document)
        : withState(status, key, version, next);
    },
    accepted: (key, eventId) => ({
      status: 202,
      headers: { 'retry-after': '1', location: receiptLocation(eventId) },
      body: {
        id: key,
        eventId,
        status: 'accepted',
        receipt: receiptLocation(eventId),
        detail:
          'The event is in the log; its outcome is not known yet. Ask for the receipt, or again with the same Idempotency-Key.',
      },
    }),
  };
}
