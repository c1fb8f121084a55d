import type { Ask } from '@banyan/core/testing';
import { Replayed } from '@banyan/core/testing';
import { createHttpReader, createSender, type LegacyAnswer, type LegacyApi } from '@banyan/legacy';
import {
  attempt,
  type Journal,
  type Known,
  type SendingPort,
  type SendOperation,
  type Work,
} from '@banyan/legacy-porter/testing';
import { type AnyEntity, type HttpRequest, primaryPortOf } from '@banyan/transformer';
import { CLOCK } from './api-client.js';
import type { SentRequest } from './legacy-table.js';

/** What the porter's tables say about a send, as plain JSON. */
export type PlainKnown = Pick<Known, 'legacyId' | 'ported' | 'intent'>;

export interface SendArgs {
  readonly key: string;
  readonly version: number;
  readonly operation: SendOperation;
  readonly document: unknown;
}

/** What legacy did with a request, and whether the sender's lease held when it was about to be written. */
export interface Exchange {
  readonly leased: boolean;
  readonly answer: LegacyAnswer;
}

/**
 * One attempt of the real porter at one send, with its real sender and reader, as an actor: it asks for `load`, `open` and `claimants`
 * of its journal, and legacy with `send`. It returns its verdict.
 */
export function sender(entity: AnyEntity): Replayed<SendArgs> {
  const definition = primaryPortOf(entity);
  return new Replayed<SendArgs>(async (ask, args) => {
    let leased = true;
    const api = legacyApi(ask, (held) => {
      leased = held;
    });
    const reader = createHttpReader(entity.legacy, api, { clock: CLOCK });
    const port: SendingPort = {
      over: 'http',
      consumer: 'tally.backend',
      entity,
      definition,
      sender: createSender(entity.legacy, definition.target, reader, api),
      portOf: () => 'backend',
    };
    const { verdict } = await attempt({ work: workOf(args), port, journal: journalOf(ask), mayWrite: () => leased });
    return verdict;
  });
}

function journalOf(ask: Ask): Journal {
  return {
    load: async () => ({ ...(await ask<PlainKnown>('load')), links: new Map(), never: [] }),
    open: (_work, sent) => ask('open', sent),
    claimants: async () => ({ linked: new Set(), contested: new Set() }),
  };
}

/** The lease is looked at and the request written in one step: what lies between the two no lease can cover. */
function legacyApi(ask: Ask, onLease: (held: boolean) => void): LegacyApi {
  return {
    send: async (request: HttpRequest, options = {}) => {
      const ifMatch = options.headers?.['if-match'];
      const sent: SentRequest = ifMatch === undefined ? request : { ...request, ifMatch };
      const { leased, answer } = await ask<Exchange>('send', sent);
      onLease(leased);
      if (options.mayWrite?.() === false) return { type: 'not-sent', reason: 'the lease has lapsed' };
      return answer;
    },
    close: async () => undefined,
  };
}

function workOf({ key, version, operation, document }: SendArgs): Work {
  return {
    consumer: 'tally.backend',
    key,
    version,
    eventId: `e${version}`,
    eventType: 'test.tally.v1.TallyAdded',
    operation,
    document,
    stateHash: undefined,
    attempts: 0,
    claim: 'claim',
    trace: {},
  };
}
