import type { DomainEvent } from '@banyan/contracts';
import { importedId, type Marker } from '@banyan/core';
import { type CommandDefinition, CommandRefused, type DecideContext, type Ref } from '../command.js';
import type { EntityDefinition } from '../entity.js';
import type { LegacyRow } from '../legacy-row.js';
import { deliverTwice, EMPTY_LEDGER, type Ledger } from './ledger.js';
import { requireEqual, text } from './require-equal.js';

/** Another entity that the command under test may name. */
export interface KnownEntity {
  readonly entity: string;
  readonly id: string;
  readonly legacyId?: string;
  readonly state: unknown;
}

export interface Circumstances {
  /** The entity's id; default one of its own. */
  readonly id?: string;
  /** ISO 8601; default 2026-03-04T05:06:07.089Z. */
  readonly now?: string;
  readonly known?: readonly KnownEntity[];
}

export interface Given<S, E extends DomainEvent> {
  readonly state: S | undefined;
  whenCommand<C>(command: CommandDefinition<S, E, C>, body: unknown): Decided<S, E>;
  thenState(expected: S | undefined): void;
}

export interface Decided<S, E extends DomainEvent> {
  /** The command made exactly this event; it was delivered twice, and `state` is what it left. */
  thenEvent(expected: E): { readonly state: S | undefined };
  /** The command was refused by a rule of the business, with this code. Gives the refusal. */
  thenRefused(code: string): CommandRefused;
  /** It is so already: no event. */
  thenNothing(): void;
  /** The body is not one of this command; some problem is at `path`: `lines[0].quantity`. */
  thenMalformed(path: string): void;
}

type Result<E> =
  | { readonly type: 'event'; readonly event: E }
  | { readonly type: 'nothing' }
  | { readonly type: 'refused'; readonly refusal: CommandRefused }
  | { readonly type: 'malformed'; readonly problems: readonly { readonly path: string; readonly message: string }[] };

/**
 * Given events, when a command, then an event or a refusal: an entity's behaviour without Kafka, HTTP or a database.
 * Every event, given or made, is delivered twice. A history may hold markers: `{ type: 'handback', epoch: 1 }`.
 */
export function scenariosOf<S, E extends DomainEvent, R extends LegacyRow>(
  entity: EntityDefinition<S, E, R>,
  circumstances: Circumstances = {},
): { givenEvents(...history: readonly (E | Marker)[]): Given<S, E> } {
  const { id = importedId(entity.name, 'under test'), now = '2026-03-04T05:06:07.089Z', known = [] } = circumstances;
  return {
    givenEvents(...history) {
      const ledger = history.reduce<Ledger<S>>(
        (before, entry) => deliverTwice(entity, id, before, entry),
        EMPTY_LEDGER,
      );
      return {
        state: ledger.state,
        thenState: (expected) => requireEqual(ledger.state, expected, 'The state'),
        whenCommand(command, body) {
          const result = run(command, body, ledger.state, { id, now, known });
          return {
            thenEvent(expected) {
              if (result.type !== 'event') throw new Error(`${command.name} made no event: ${inWords(result)}`);
              requireEqual(result.event, expected, `${command.name} made another event`);
              return { state: deliverTwice(entity, id, ledger, result.event).state };
            },
            thenRefused(code) {
              if (result.type !== 'refused' || result.refusal.code !== code) {
                throw new Error(`${command.name} was not refused with ${code}: ${inWords(result)}`);
              }
              return result.refusal;
            },
            thenNothing() {
              if (result.type !== 'nothing') throw new Error(`${command.name} is no repeat: ${inWords(result)}`);
            },
            thenMalformed(path) {
              if (result.type !== 'malformed' || !result.problems.some((problem) => problem.path === path)) {
                throw new Error(`${command.name} has no problem at ${path}: ${inWords(result)}`);
              }
            },
          };
        },
      };
    },
  };
}

function run<S, E extends DomainEvent, C>(
  command: CommandDefinition<S, E, C>,
  body: unknown,
  state: S | undefined,
  { id, now, known }: Required<Circumstances>,
): Result<E> {
  const parsed = command.body.safeParse(body);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => ({ path: pathText(path), message }));
    return { type: 'malformed', problems };
  }
  const declared = command.refs?.(parsed.data) ?? [];
  const context: DecideContext = {
    id,
    now,
    resolved(entity, ref) {
      if (!declared.some((request) => request.entity === entity && text(request.ref) === text(ref))) {
        throw new Error(`${command.name} asks for ${entity} ${text(ref)}, which its refs do not declare.`);
      }
      const found = known.find((other) => other.entity === entity && isNamedBy(other, ref));
      if (found === undefined) throw new Error(`The test knows no ${entity} ${text(ref)}; add it to \`known\`.`);
      return { id: found.id, state: found.state };
    },
  };
  try {
    const event = command.decide(parsed.data, state, context);
    return event === undefined ? { type: 'nothing' } : { type: 'event', event };
  } catch (error) {
    if (error instanceof CommandRefused) return { type: 'refused', refusal: error };
    throw error;
  }
}

function isNamedBy(other: KnownEntity, ref: Ref): boolean {
  return 'id' in ref ? other.id === ref.id : other.legacyId === ref.legacyId;
}

function pathText(path: readonly PropertyKey[]): string {
  const joined = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return joined.replace(/^\./, '');
}

function inWords(result: Result<DomainEvent>): string {
  switch (result.type) {
    case 'event':
      return `it made ${text(result.event)}`;
    case 'nothing':
      return 'it made no event';
    case 'refused':
      return `it was refused with ${result.refusal.code}: ${result.refusal.message}`;
    case 'malformed':
      return `its body is malformed: ${result.problems.map(({ path, message }) => `${path} ${message}`).join('; ')}`;
  }
}
