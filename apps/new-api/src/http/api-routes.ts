import type { Log } from '@banyan/service';
import type { AnyEntity } from '@banyan/transformer';
import type { z } from 'zod';
import { keyOfAddress } from '../commands/address.js';
import type { CommandTools } from '../commands/command-attempt.js';
import type { CommandCall } from '../commands/command-call.js';
import { parseIfMatch } from '../commands/if-match.js';
import { NO_JOURNAL } from '../commands/journal.js';
import { runCommand } from '../commands/run-command.js';
import { validate } from '../commands/validate.js';
import type { IdempotencyStore } from '../idempotency/idempotency-store.js';
import { requestHash } from '../idempotency/request-hash.js';
import { type PortedTools, waitOf, whenPorted } from '../ported/when-ported.js';
import { byLegacyId } from '../queries/by-legacy-id.js';
import { getOne } from '../queries/get-one.js';
import { list } from '../queries/list.js';
import type { Answer } from './answer.js';
import { type ApiRequest, actionOf, addressOf, idempotencyKeyOf, traceparentOf } from './api-request.js';
import { patienceOf } from './patience.js';
import { preferencesOf, withPreferences } from './preferences.js';

export interface ApiTools extends CommandTools, PortedTools {
  readonly idempotency: IdempotencyStore;
  readonly logger: Log;
}

/** One route, made from an entity definition. */
export interface ApiRoute {
  readonly entity: string;
  /** `PlaceOrder` */
  readonly name: string;
  readonly summary: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `/v2/orders/:id` */
  readonly path: string;
  readonly kind: 'command' | 'one' | 'list';
  /** Of the body, or of the query string. */
  readonly schema: z.ZodType | undefined;
  handle(request: ApiRequest): Promise<Answer>;
}

export function routesOf(tools: ApiTools, entity: AnyEntity): readonly ApiRoute[] {
  const commands = entity.commands.map(
    (command): ApiRoute => ({
      entity: entity.name,
      name: command.name,
      summary: command.summary,
      method: command.http.method,
      path: command.http.path,
      kind: 'command',
      schema: command.body,
      handle: (request) => handleCommand(tools, entity, command, request),
    }),
  );
  const queries = entity.queries.map(
    (query): ApiRoute => ({
      entity: entity.name,
      name: query.name,
      summary: query.summary,
      method: 'GET',
      path: query.path,
      kind: query.type,
      schema: query.type === 'list' ? query.params : undefined,
      handle: async (request) => {
        if (query.type === 'one') {
          const key = await keyOfAddress(tools, entity, addressOf(entity, request));
          return getOne(tools.store, entity.name, key, request.header('if-none-match'));
        }
        return 'legacyId' in request.query
          ? byLegacyId(tools, entity, request.query.legacyId)
          : list(tools.store, entity, query, request.query);
      },
    }),
  );
  return [...queries, ...commands];
}

async function handleCommand(
  tools: ApiTools,
  entity: AnyEntity,
  command: AnyEntity['commands'][number],
  request: ApiRequest,
): Promise<Answer> {
  const begun = tools.clock.monotonic();
  const preferences = preferencesOf(request.header('prefer'));
  const call: CommandCall = {
    entity,
    command,
    address: command.http.path.includes('/:id') ? addressOf(entity, request) : undefined,
    ifMatch: parseIfMatch(request.header('if-match')),
    respondAsync: preferences.respondAsync,
    body: validate('API_BODY_INVALID', 'The body', command.body, request.body),
    traceparent: traceparentOf(request),
    ...actionOf(request),
  };
  const patience = patienceOf(preferences, waitOf(request, tools.portedDeadlineMs), tools);
  const done = await commandDone({ ...tools, ...patience.deadlines }, call, request);
  const answer =
    patience.ported === undefined ? done : await whenPorted(tools, entity.name, done, { ...patience.ported, begun });
  return withPreferences(answer, preferences);
}

/** Runs it, or gives the answer that its Idempotency-Key has already. */
async function commandDone(tools: ApiTools, call: CommandCall, request: ApiRequest): Promise<Answer> {
  const key = idempotencyKeyOf(request);
  if (key === undefined) return runCommand(tools, call, NO_JOURNAL);
  const { method, path, body } = request;
  const taken = await tools.idempotency.begin(
    key,
    requestHash({ method, path, ifMatch: request.header('if-match'), body }),
  );
  if (taken.type === 'answered') return taken.answer;
  try {
    return await runCommand(tools, call, taken.journal);
  } finally {
    taken.journal.close();
  }
}
