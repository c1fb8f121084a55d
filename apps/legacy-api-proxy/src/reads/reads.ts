import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ReadMode } from '@banyan/control';
import type { PassThrough } from '../pass-through.js';
import { queryOf } from '../routing/legacy-path.js';
import type { LegacyCall, TranslatedEntity, TranslatedRoute } from '../routing/translation.js';
import { identityHeaders, type LegacyClient } from '../upstream/legacy-client.js';
import type { NewApi } from '../upstream/new-api-client.js';
import { busyReply, type Reply, send } from '../upstream/reply.js';
import { goneReply } from '../writes/words.js';
import { answerTap, comparedOf } from './answer-tap.js';
import type { ComparedAnswer } from './compare-answers.js';
import type { Comparer } from './comparer.js';

/** Who answered: `fallback` = V2 should have and could not, so legacy did. */
export type ReadWay = 'legacy' | 'shadow' | 'new' | 'fallback' | 'gone' | 'refused';

export interface ReadsOptions {
  /** @param route `order.one` */
  modeOf(route: string): ReadMode;
  isPortOn(port: string): boolean;
  entity(name: string): TranslatedEntity;
  readonly newApi: Pick<NewApi, 'view'>;
  readonly legacy: Pick<LegacyClient, 'get'>;
  readonly comparer: Pick<Comparer, 'compare'>;
  /** Longest wait for V2's view, and for either side behind an answer, milliseconds. */
  readonly timeoutMs: number;
  readonly pointer: string;
  onRead?(read: { route: string; way: ReadWay }): void;
  onError(error: unknown, target: string): void;
}

export interface ReadMatch {
  readonly entity: string;
  readonly route: TranslatedRoute;
  readonly params: Readonly<Record<string, string>>;
}

interface Read {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly entity: TranslatedEntity;
  readonly route: TranslatedRoute;
  readonly name: string;
  readonly call: LegacyCall;
  readonly target: string;
  readonly pass: PassThrough;
}

/** A read at legacy's address, answered by whom the route's mode says. */
export class Reads {
  readonly #options: ReadsOptions;

  constructor(options: ReadsOptions) {
    this.#options = options;
  }

  serve(request: IncomingMessage, response: ServerResponse, match: ReadMatch, pass: PassThrough): void {
    const name = `${match.entity}.${match.route.name}`;
    const mode = this.#options.modeOf(name);
    if (mode === 'legacy') {
      this.#options.onRead?.({ route: name, way: 'legacy' });
      pass(request, response);
      return;
    }
    const target = request.url ?? '/';
    const call = { params: match.params, query: queryOf(target), body: undefined };
    const entity = this.#options.entity(match.entity);
    const read: Read = { request, response, entity, route: match.route, name, call, target, pass };
    if (mode === 'gone') this.#answer(read, 'gone', goneReply(name, this.#options.pointer));
    else if (mode === 'shadow') this.#shadow(read);
    else void this.#fromV2(read);
  }

  /** Passed on as ever; what is done with it begins when the caller has the whole answer. */
  #shadow(read: Read): void {
    const { request, response, pass, name } = read;
    this.#options.onRead?.({ route: name, way: 'shadow' });
    if (request.method !== 'GET') {
      pass(request, response);
      return;
    }
    pass(request, response, { observer: answerTap((given) => this.#compareBehind(read, 'legacy', given)) });
  }

  async #fromV2(read: Read): Promise<void> {
    const { request, response, entity, pass, name, target } = read;
    try {
      const reply = await this.#askV2(read);
      this.#answer(read, 'new', reply);
      if (request.method === 'GET')
        this.#compareBehind(read, 'new', comparedOf(reply.status, reply.headers, reply.body));
    } catch (error) {
      this.#options.onError(error, target);
      // What V2 decided is in legacy as well as long as its port is on; without it legacy would answer with the past.
      if (this.#options.isPortOn(entity.primaryPort)) {
        this.#options.onRead?.({ route: name, way: 'fallback' });
        pass(request, response);
      } else {
        this.#answer(
          read,
          'refused',
          busyReply('V2 does not answer, and legacy does not have its latest data; ask again.'),
        );
      }
    }
  }

  #compareBehind(read: Read, answeredBy: 'legacy' | 'new', given: ComparedAnswer | undefined): void {
    const { request, entity, route, target } = read;
    // A port that is off makes legacy old, and a comparison with it a list of what V2 did since.
    if (!this.#options.isPortOn(entity.primaryPort)) return;
    const headers = identityHeaders(request.rawHeaders);
    this.#options.comparer.compare({
      entity,
      route,
      request: `${request.method} ${target}`,
      answeredBy,
      given,
      askLegacy: async () => {
        const answer = await this.#options.legacy.get(target, { headers, timeoutMs: this.#options.timeoutMs });
        return comparedOf(answer.status, answer.headers, answer.body);
      },
      askV2: async () => {
        const reply = await this.#askV2(read);
        return comparedOf(reply.status, reply.headers, reply.body);
      },
    });
  }

  async #askV2({ entity, route, call }: Read): Promise<Reply> {
    const asked = route.toView(call);
    if ('reply' in asked) return asked.reply;
    const { rows, total } = await this.#options.newApi.view(entity.name, asked.view, this.#options.timeoutMs);
    return route.toAnswer(rows, total, call);
  }

  #answer({ response, name }: Read, way: ReadWay, reply: Reply): void {
    this.#options.onRead?.({ route: name, way });
    send(response, reply);
  }
}
