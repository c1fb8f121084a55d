import { newId, systemClock } from '@banyan/core';
import type { Appended, AppendOptions, Control } from '../control.js';
import type { ControlChange } from '../control-event.js';
import { ControlMemory, eventOf } from '../control-memory.js';
import { type ControlState, type EntityControl, entityControl, NOTHING_CONTROLLED } from '../control-state.js';
import { join, leave, prepared } from '../party.js';

export interface InMemoryControl extends Control {
  /** Another state without an event, told to listeners: what a test begins with. */
  replace(patch: Partial<ControlState>): void;
  /** The same for one entity. */
  replaceEntity(entity: string, patch: Partial<EntityControl>): void;
}

/** The control log's twin in memory: the real fold, and nothing that could be away. */
export function inMemoryControl(initial: Partial<ControlState> = {}, instance = 'test-0'): InMemoryControl {
  const memory = new ControlMemory({ ...NOTHING_CONTROLLED, ...initial });
  const identity = { name: instance, incarnation: newId() };
  const append = async (change: ControlChange, options: AppendOptions = {}): Promise<Appended> => {
    const event = eventOf(change, {
      expectedVersion: options.expectedVersion ?? memory.state.versions[change.data.subject] ?? 0,
      by: options.by ?? instance,
      reason: options.reason ?? null,
      atMs: systemClock.now(),
    });
    const verdict = memory.fold({ id: newId(), event });
    return verdict.accepted ? { accepted: true, state: memory.state } : verdict;
  };
  const writes = { state: () => memory.state, append };
  const replace = (patch: Partial<ControlState>) => memory.replace({ ...memory.state, ...patch });
  return {
    ...writes,
    incarnation: identity.incarnation,
    follow: async () => undefined,
    caughtUp: () => true,
    lastError: () => undefined,
    sinceTriedMs: () => 0,
    onChange: (listener) => memory.onChange(listener),
    until: (predicate, timeoutMs) => memory.until(predicate, timeoutMs),
    history: (subject) => memory.history(subject),
    join: (party) => join(writes, identity, party),
    leave: () => leave(writes, identity),
    prepared: (entity) => prepared(writes, identity, entity),
    close: async () => undefined,
    replace,
    replaceEntity: (entity, patch) => {
      const was = entityControl(memory.state, entity);
      replace({ entities: { ...memory.state.entities, [entity]: { ...was, ...patch } } });
    },
  };
}
