import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Ending, Entered, WriteGates } from '../gate/write-gates.js';
import type { PassThrough } from '../pass-through.js';
import { queryOf } from '../routing/legacy-path.js';
import type { RouteMatch } from '../routing/route-table.js';
import type { LegacyCall, TranslatedEntity, TranslatedRoute } from '../routing/translation.js';
import type { NewApi } from '../upstream/new-api-client.js';
import { busyReply, type Reply, send, textReply } from '../upstream/reply.js';
import { declaredKey, keyWithBody } from './creation-key.js';
import { readBody } from './read-body.js';
import type { RoundTripCall, RoundTripEnd } from './round-trip.js';
import { goneReply, holdWords } from './words.js';

export type WriteWay = 'direct' | 'round-trip' | 'refused' | 'gone';

export interface WritesOptions {
  readonly gates: Pick<WriteGates, 'enter'>;
  entity(name: string): TranslatedEntity;
  readonly newApi: Pick<NewApi, 'owner' | 'knowsCreation'>;
  readonly roundTrip: (trip: RoundTripCall) => Promise<RoundTripEnd>;
  /** How long a row that nobody can say the owner of yet is waited for, and how long an answer may take, milliseconds. */
  readonly askMaxMs: number;
  /** Longest wait for the next bytes of a body, milliseconds. */
  readonly bodyIdleMs: number;
  /** Where callers find the new API. */
  readonly pointer: string;
  onWrite?(write: { entity: string; way: WriteWay }): void;
  onRoundTrip?(trip: { entity: string; verdict: string; tookMs: number }): void;
  onError(error: unknown, write: { entity: string; target: string }): void;
}

export type WriteMatch = Exclude<RouteMatch<TranslatedRoute>, { type: 'unknown' }>;

interface Write {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly match: WriteMatch;
  readonly entity: TranslatedEntity;
  readonly pass: PassThrough;
}

/** `words` = nobody can say it now. */
type OwnerFound = 'legacy' | 'new' | { readonly words: string };
type Direct = Extract<Entered, { way: 'direct' | 'asked' }>;

const ASK_AGAIN_MS = 100;

/** A write at legacy's address: by the gate of its entity to legacy, through V2, or no further. */
export class Writes {
  readonly #options: WritesOptions;

  constructor(options: WritesOptions) {
    this.#options = options;
  }

  serve(request: IncomingMessage, response: ServerResponse, match: WriteMatch, pass: PassThrough): void {
    const write = { request, response, match, entity: this.#options.entity(match.entity), pass };
    // Direct writes go on in the same turn, as before anybody looked at them; only what holds needs to hear of a hang-up.
    const entered = this.#options.gates.enter(match.entity, hangUpOf(response));
    if (entered instanceof Promise) void entered.then((later) => this.#go(write, later));
    else this.#go(write, entered);
  }

  #go(write: Write, entered: Entered): void {
    const { response, match, pass, request } = write;
    switch (entered.way) {
      case 'direct':
        this.#direct(write, entered, () => pass(request, response, observing(entered)));
        return;
      case 'asked':
        this.#guarded(write, () => this.#ask(write, entered), entered);
        return;
      case 'round-trip':
        this.#guarded(write, () => this.#roundTrip(write));
        return;
      case 'gone':
        this.#answer(write, 'gone', goneReply(match.entity, this.#options.pointer));
        return;
      case 'refused':
        this.#answer(write, 'refused', busyReply(holdWords(match.entity, entered.because)));
    }
  }

  /** What begins here is open until legacy answered; a caller that hung up while it waited begins nothing. */
  #direct(write: Write, entered: Direct, pass: () => void): void {
    if (write.response.destroyed) {
      entered.done('settled');
      return;
    }
    this.#options.onWrite?.({ entity: write.match.entity, way: 'direct' });
    pass();
  }

  /**
   * The entity is open for native writes: its row may be V2's, and a direct write would be covered by the next port. It counts as
   * open while the porter is asked, so that no move passes between the answer and the write.
   */
  async #ask(write: Write, entered: Direct): Promise<void> {
    const { match, entity, request, response, pass } = write;
    if (match.type === 'doubtful-write') {
      entered.done('settled');
      this.#answer(write, 'refused', doubtful(write));
      return;
    }
    const body = match.route.creates ? await readBody(request, this.#options.bodyIdleMs) : undefined;
    if (body !== undefined && 'problem' in body) {
      entered.done('settled');
      this.#answer(write, 'refused', unreadable(body.problem));
      return;
    }
    const owner =
      body === undefined
        ? await this.#ownerOf(match.entity, entity.idOfCall(match.params), response)
        : await this.#ownerOfCreation(write, match.route.toCommand(callOf(write, body.body)));
    if (owner === 'new') {
      entered.done('settled');
      await this.#roundTrip(write, body?.body);
    } else if (owner === 'legacy') {
      this.#direct(write, entered, () =>
        pass(request, response, { ...observing(entered), ...(body === undefined ? {} : { body: body.body }) }),
      );
    } else {
      entered.done('settled');
      this.#answer(write, 'refused', busyReply(owner.words));
    }
  }

  /**
   * What is made under a natural key belongs to whom that row does. What legacy numbers is new, unless its caller's key says that V2
   * took it before: writes went back meanwhile, and this is the repeat that V2 has asked for.
   */
  async #ownerOfCreation(write: Write, translated: ReturnType<TranslatedRoute['toCommand']>): Promise<OwnerFound> {
    const { entity, match, response } = write;
    // Legacy refuses it itself.
    if ('reply' in translated) return 'legacy';
    const { legacyId, creation, body } = translated.command;
    if (!entity.assignedIds) return this.#ownerOf(match.entity, legacyId, response);
    if (creation?.key === undefined || creation.key === '') return 'legacy';
    const key = declaredKey(match.entity, creation.key);
    try {
      const known = await this.#options.newApi.knowsCreation([key, keyWithBody(key, body)], this.#options.askMaxMs);
      return known ? 'new' : 'legacy';
    } catch (error) {
      this.#options.onError(error, { entity: match.entity, target: creation.key });
      return {
        words: `Nobody can say now whether V2 made this ${match.entity} (${creation.key}) before, so nothing was done; ask again.`,
      };
    }
  }

  /** A row that an open create may have made is waited for; when nobody answers, nothing is written. */
  async #ownerOf(entity: string, legacyId: string | undefined, response: ServerResponse): Promise<OwnerFound> {
    if (legacyId === undefined) return 'legacy';
    const until = performance.now() + this.#options.askMaxMs;
    for (;;) {
      try {
        const { owner, held } = await this.#options.newApi.owner(
          entity,
          legacyId,
          Math.max(1, until - performance.now()),
        );
        if (!held) return owner === 'new' ? 'new' : 'legacy';
        if (performance.now() + ASK_AGAIN_MS >= until || response.destroyed) {
          return {
            words: `${entity} ${legacyId} may have just been made by V2, and its link is not written yet. Nothing was done; ask again.`,
          };
        }
      } catch (error) {
        this.#options.onError(error, { entity, target: legacyId });
        return { words: `Nobody can say now whether V2 owns ${entity} ${legacyId}, so nothing was done; ask again.` };
      }
      await delay(ASK_AGAIN_MS);
    }
  }

  async #roundTrip(write: Write, read?: Buffer): Promise<void> {
    const { match, entity, request } = write;
    if (match.type === 'doubtful-write') {
      this.#answer(write, 'refused', doubtful(write));
      return;
    }
    const body = read === undefined ? await readBody(request, this.#options.bodyIdleMs) : { body: read };
    if ('problem' in body) {
      this.#answer(write, 'refused', unreadable(body.problem));
      return;
    }
    const began = performance.now();
    const call = callOf(write, body.body);
    const { reply, verdict } = await this.#options.roundTrip({ entity, route: match.route, call, request });
    this.#options.onRoundTrip?.({ entity: match.entity, verdict, tookMs: performance.now() - began });
    this.#answer(write, 'round-trip', reply);
  }

  #answer({ match, response }: Write, way: WriteWay, reply: Reply): void {
    this.#options.onWrite?.({ entity: match.entity, way });
    send(response, reply);
  }

  /** A fault of the proxy itself: told as one, and never as "nothing was done". */
  #guarded(write: Write, work: () => Promise<void>, entered?: { done(ending: Ending): void }): void {
    work().catch((error: unknown) => {
      entered?.done('unclear');
      this.#options.onError(error, { entity: write.match.entity, target: write.request.url ?? '' });
      send(write.response, textReply(502, 'The proxy failed on this request; read again whether it was done.'));
    });
  }
}

function observing(entered: Direct) {
  return { observer: { onEnd: (ending: Ending) => entered.done(ending) } };
}

/** Made only when somebody listens: most writes never wait. */
function hangUpOf(response: ServerResponse): () => AbortSignal {
  return () => {
    const hangUp = new AbortController();
    response.once('close', () => hangUp.abort());
    return hangUp.signal;
  };
}

function callOf({ match, request }: Write, body: Buffer): LegacyCall {
  const params = match.type === 'route' ? match.params : {};
  return { params, query: queryOf(request.url ?? ''), body };
}

function unreadable(problem: 'too-large' | 'broken-off' | 'too-slow'): Reply {
  switch (problem) {
    case 'too-large':
      return textReply(413, 'Request body is too large; nothing was done.');
    case 'broken-off':
      return textReply(400, 'The request body broke off; nothing was done.');
    case 'too-slow':
      // What may still come of it must not be read as the next request.
      return textReply(408, 'The request body did not come in time; nothing was done.', ['connection', 'close']);
  }
}

function doubtful({ match, request }: Write): Reply {
  return textReply(
    400,
    `${request.method} ${request.url} is no route of ${match.entity} that Banyan knows, and legacy could take it for a write. While V2 takes part in writing ${match.entity}, only its known routes are passed on; nothing was done.`,
  );
}
