import type { DomainEvent } from '@banyan/contracts';
import { importedId } from '@banyan/core';
import type { CommandDefinition } from '../command.js';
import type { EntityDefinition } from '../entity.js';
import type { LegacyCommand, LegacyRequest, LegacyWriteRoute } from '../legacy-route.js';
import type { LegacyRow } from '../legacy-row.js';
import { primaryPortOf } from '../primary-port.js';

export interface LegacyWrite<S> {
  readonly params?: LegacyRequest['params'];
  /** Text is sent as it is, anything else as JSON. */
  readonly body?: unknown;
  /** The entity's id in V2. */
  readonly id: string;
  /** As V2 has it before; default: nothing. */
  readonly state?: S | undefined;
  /** ISO 8601. */
  readonly now?: string;
}

export interface Written<S, E, R> {
  /** The V2 command that the request stands for, its body as the command reads it. */
  readonly command: LegacyCommand & { readonly name: string };
  /** undefined = it is so already. */
  readonly event: E | undefined;
  readonly state: S | undefined;
  /** The row that the primary port makes of the state. @param legacyId undefined before legacy has assigned one */
  row(legacyId: string | undefined): R;
}

/**
 * A write of legacy's API without proxy, API and log: request to command to event to state to row. What it refers to exists, under the
 * ids that imports give. Throws `LegacyRefused`, `CommandRefused`, and zod's error for a body that the command does not take.
 */
export function throughRoute<S, E extends DomainEvent, R extends LegacyRow>(
  entity: EntityDefinition<S, E, R>,
  routeName: string,
  write: LegacyWrite<S>,
): Written<S, E, R> {
  const { id, state, now = '2026-03-04T05:06:07.089Z' } = write;
  const request = legacyRequest(write);
  const translated = writeRoute(entity, routeName).toCommand(request);
  const definition = commandOf(entity, translated);
  const body = definition.body.parse(translated.body);
  const legacyIds = new Map<string, string>();
  const event = definition.decide(body, state, {
    id,
    now,
    resolved: (named, ref) => ({ id: 'id' in ref ? ref.id : importedId(named, ref.legacyId), state: undefined }),
  });
  for (const { entity: named, ref } of definition.refs?.(body) ?? []) {
    if ('legacyId' in ref) legacyIds.set(importedId(named, ref.legacyId), ref.legacyId);
  }
  const after = event === undefined ? state : entity.evolve(state, event);
  return {
    command: { ...translated, name: definition.name, body },
    event,
    state: after,
    row: (legacyId) => {
      if (after === undefined) throw new Error(`${entity.name} has no row to show.`);
      return primaryPortOf(entity).format(after, {
        id,
        legacyId,
        legacyIdOf: (_entity, key) => legacyIds.get(key) ?? `no link ${key}`,
      });
    },
  };
}

/** A request as the proxy would take it apart. */
export function legacyRequest({ params = {}, body }: Pick<LegacyWrite<unknown>, 'params' | 'body'>): LegacyRequest {
  const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
  return { params, query: {}, body: text };
}

export function writeRoute<S, E extends DomainEvent, R extends LegacyRow>(
  entity: EntityDefinition<S, E, R>,
  name: string,
): LegacyWriteRoute<R> {
  const route = entity.legacy.routes.find((each) => each.name === name);
  if (route?.kind === 'write') return route;
  throw new Error(`${entity.name} has no write route ${name}.`);
}

function commandOf<S, E extends DomainEvent, R extends LegacyRow>(
  entity: EntityDefinition<S, E, R>,
  { method, path }: LegacyCommand,
): CommandDefinition<S, E> {
  const found = entity.commands.find(({ http }) => http.method === method && http.path.replace(':id', '{id}') === path);
  if (found === undefined) throw new Error(`${entity.name} has no command ${method} ${path}.`);
  return found;
}
