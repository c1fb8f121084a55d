import { differences } from '@banyan/compare';
import type { DomainEvent } from '@banyan/contracts';
import { importedId, isBanyanError, type Liveness } from '@banyan/core';
import { type AnyEntity, livenessOf, type Restatement, type WhyRestated } from '@banyan/transformer';
import type { LogWriter } from '../log/log-writer.js';
import { type Fault, problem } from '../problems.js';
import type { V2View } from '../store/v2-store.js';

export interface RestatementAsked {
  readonly entity: AnyEntity;
  readonly key: string;
  /** As the file has it; undefined = there is none any more. */
  readonly state: unknown;
  readonly why: WhyRestated;
}

/** A restatement that every consumer will make the same state of: its bytes were read back and evolved. */
export interface CheckedRestatement {
  readonly event: DomainEvent;
  readonly value: Buffer;
  readonly liveness: Liveness;
}

/**
 * The event of a whole state. What it leaves has to be exactly the state that was given, through the schema and `evolve`, for what is
 * appended here closes what stands before it and is the only past that is left. Throws `API_RESTATEMENT_INVALID` with all faults.
 */
export async function checkedRestatement(
  tools: { readonly log: Pick<LogWriter, 'encode' | 'decode'>; readonly store: Pick<V2View, 'states'> },
  asked: RestatementAsked,
): Promise<CheckedRestatement> {
  const { entity, state } = asked;
  const event = eventOf(asked);
  const value = encoded(tools.log, asked, event);
  const read: DomainEvent = { type: event.type, data: await tools.log.decode(event.type, value) };
  const left = plain(attempted(asked, () => entity.evolve(undefined, read)));
  const faults = differences(left, state).map(({ path, left: got, right: given }) => ({
    path,
    message: `is ${text(given)} in the file, and would be ${text(got)}`,
  }));
  if (faults.length > 0) throw invalid(asked, faults);
  requireIdentity(asked);
  await requireReferences(tools.store, asked);
  return { event, value, liveness: livenessOf(entity, state) };
}

function eventOf(asked: RestatementAsked): DomainEvent {
  const { entity, state, why } = asked;
  const restated: Restatement<unknown, DomainEvent> | undefined = entity.restated;
  if (restated !== undefined) return attempted(asked, () => restated.of(state, why));
  throw invalid(asked, [{ path: '', message: `${entity.name} has no event for it; give its definition \`restated\`` }]);
}

function encoded(log: Pick<LogWriter, 'encode'>, asked: RestatementAsked, { type, data }: DomainEvent): Buffer {
  try {
    return log.encode(type, data);
  } catch (error) {
    if (!isBanyanError(error) || error.retryable) throw error;
    const { faults } = error.data as { faults?: readonly { path: string; problem: string }[] };
    const named = faults?.map(({ path, problem: what }) => ({ path, message: what }));
    throw invalid(asked, named ?? [{ path: '', message: error.message }]);
  }
}

/** The key of a derived identity follows from its state: one that said otherwise would split one legacy row in two entities. */
function requireIdentity(asked: RestatementAsked): void {
  const { entity, key, state } = asked;
  const { identity } = entity.legacy;
  if (identity.type !== 'derived' || state === undefined) return;
  const legacyId: string = attempted(asked, () => entity.legacy.canonicalId(identity.legacyIdOf(state)));
  if (importedId(entity.name, legacyId) === key) return;
  throw invalid(asked, [{ path: '', message: `its legacy id is ${legacyId}, and that is another key` }]);
}

/** What it names must be known: a port would wait for its link for ever. */
async function requireReferences(store: Pick<V2View, 'states'>, asked: RestatementAsked): Promise<void> {
  const { entity, state } = asked;
  if (state === undefined) return;
  const named = entity.legacy.ports.flatMap((port) => attempted(asked, () => port.refsOf(state)));
  const faults: Fault[] = [];
  for (const [name, refs] of Map.groupBy(named, (reference) => reference.entity)) {
    const ids = [...new Set(refs.map(({ id }) => id))];
    const known = await store.states(name, ids);
    const missing = ids.filter((id) => (known.get(id)?.keyState.version ?? 0) === 0);
    faults.push(...missing.map((id) => ({ path: '', message: `names ${name} ${id}, which V2 does not know` })));
  }
  if (faults.length > 0) throw invalid(asked, faults);
}

/** What a definition throws over a state of the wrong shape is a fault of the file. */
function attempted<T>(asked: RestatementAsked, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw invalid(asked, [{ path: '', message: error instanceof Error ? error.message : String(error) }]);
  }
}

function invalid({ entity, key }: RestatementAsked, faults: readonly Fault[]): Error {
  const list = faults.map(({ path, message }) => `${path === '' ? 'the state' : path} ${message}`).join('; ');
  return problem(
    'API_RESTATEMENT_INVALID',
    `This is no state of ${entity.name} ${key}: ${list}. Nothing was appended; take the last good state from \`banyan trace ${entity.name} ${key} --json\` and change that.`,
    { data: { errors: faults } },
  );
}

function plain(state: unknown): unknown {
  return state === undefined ? undefined : (JSON.parse(JSON.stringify(state)) as unknown);
}

function text(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
