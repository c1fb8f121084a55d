import type { DomainEvent } from '@banyan/contracts';
import type { Liveness } from '@banyan/core';
import { HttpProblem } from '@banyan/service';
import {
  type AnyEntity,
  type CommandDefinition,
  CommandRefused,
  type DecideContext,
  livenessOf,
} from '@banyan/transformer';
import { problem } from '../problems.js';

export type AnyCommand = AnyEntity['commands'][number];

/** What a command comes to: an event and the state it leaves, or nothing since it is so already. */
export type Decision =
  | { readonly type: 'nothing' }
  | { readonly type: 'event'; readonly event: DomainEvent; readonly next: unknown; readonly liveness: Liveness };

/**
 * Runs `decide` and tries the event on the state, so that nothing is appended that could only be parked.
 * Throws 422 with the command's own code when the business forbids it.
 */
export function decideCommand(
  entity: AnyEntity,
  command: CommandDefinition,
  body: unknown,
  state: unknown,
  context: DecideContext,
): Decision {
  const event = refusable(() => command.decide(body, state, context));
  if (event === undefined) return { type: 'nothing' };
  try {
    const next: unknown = entity.evolve(state, event);
    return { type: 'event', event, next, liveness: livenessOf(entity, next) };
  } catch (cause) {
    throw impossible(`${command.name} made a ${event.type} that ${entity.name} cannot take`, cause);
  }
}

export function impossible(what: string, cause: unknown): Error {
  const why = cause instanceof Error ? cause.message : String(cause);
  return problem('API_EVENT_IMPOSSIBLE', `${what}: ${why}. Nothing was appended; mend the transformer.`, { cause });
}

function refusable<T>(decide: () => T): T {
  try {
    return decide();
  } catch (error) {
    if (!(error instanceof CommandRefused)) throw error;
    throw new HttpProblem(422, error.code, error.message, { data: error.data, cause: error });
  }
}
