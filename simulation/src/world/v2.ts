import { FIRST_AUTHORITY, isImportOrigin } from '@banyan/core';
import type { ProjectionProgress, StateObserver } from '@banyan/importing';
import type { V2View } from '@banyan/new-api/testing';
import { NO_STATE } from '@banyan/postgres';
import type { MemorySession, MemoryTx, Rows } from '@banyan/postgres/testing';
import type { Apply, ApplyStates, Change } from '@banyan/sink';
import {
  closeUnlikeIn,
  OFFSETS,
  type OffsetInMemory,
  offsetKey,
  STATES,
  type StateInMemory,
  stateKey,
  unlikeLock,
} from '@banyan/sink/testing';
import { isRestatement } from '@banyan/transformer';
import { addEffects } from './chains.js';
import type { DeployedCode } from './deployed-code.js';
import { type Note, note } from './note.js';
import { pause } from './waiting.js';

/** A row of V2. */
export interface V2Row {
  readonly text: string | undefined;
}

export const ROWS = 'note';
const LINKS = 'link';
const POLL_MS = 25;

/** What V2's projection writes: rows made anew from the last state, links that imports name, and the chain of effects. */
export function projectNotes(code: DeployedCode): Apply<MemoryTx> {
  return async (tx, changes) => {
    await tx.run('rows', (rows) => {
      for (const change of changes) {
        if (change.outcome !== 'effective') continue;
        code.mustTakeIn(change.event.data);
        putRow(rows, change.key, change.after);
        putLink(rows, change);
      }
      addEffects(rows, changes);
    });
    for (const { outcome, eventType, key, version } of changes) {
      if (outcome !== 'effective' || !isRestatement(note, eventType)) continue;
      await tx.lock(unlikeLock(note.name, key));
      await tx.run('closeUnlike', (rows) => closeUnlikeIn(rows, note.name, new Map([[key, version]])));
    }
  };
}

/** The same rows from states alone. */
export function reprojectNotes(code: DeployedCode): ApplyStates<MemoryTx> {
  return async ({ handle }, states) => {
    for (const { state } of states) if (state.document !== undefined) code.mustFormat(state.document as Note);
    await handle.run('rows anew', (rows) => {
      for (const { key, state } of states) putRow(rows, key, state.document);
    });
    return { like: states.map(({ key }) => key) };
  };
}

/** What no state tells of a change whose rows were given up. */
export const rememberLinks: Apply<MemoryTx> = (tx, changes) =>
  tx.run('links', (rows) => {
    for (const change of changes) if (change.outcome === 'effective') putLink(rows, change);
  });

function putRow(rows: Rows, key: string, document: unknown): void {
  rows.put(ROWS, key, { text: (document as Note | undefined)?.text } satisfies V2Row);
}

function putLink(rows: Rows, change: Change): void {
  const legacyId = legacyIdIn(change);
  if (legacyId !== undefined) rows.put(LINKS, change.key, { key: change.key, legacyId });
}

function legacyIdIn({ origin, event }: Change): string | undefined {
  const { legacyId } = (event?.data ?? {}) as { legacyId?: unknown };
  return isImportOrigin(origin) && typeof legacyId === 'string' ? legacyId : undefined;
}

/** V2 as new-api reads it. */
export function viewOf(session: MemorySession, partitions: number): V2View {
  const { name } = note;
  const state = (rows: Rows, key: string) => rows.get<StateInMemory>(STATES, stateKey(name, key))?.state;
  const offset = (rows: Rows, partition: number) => rows.get<OffsetInMemory>(OFFSETS, offsetKey(name, partition));
  const links = (rows: Rows) => rows.all<{ key: string; legacyId: string }>(LINKS).map(([, link]) => link);
  return {
    state: (_entity, key, partition = 0) =>
      session.run('state', (rows) => ({
        ...(state(rows, key) ?? NO_STATE),
        nextOffset: offset(rows, partition)?.nextOffset ?? 0n,
        authority: offset(rows, partition)?.authority ?? FIRST_AUTHORITY,
        epoch: Math.min(...Array.from({ length: partitions }, (_, each) => offset(rows, each)?.authority.epoch ?? 0)),
      })),
    states: (_entity, keys) =>
      session.run('states', (rows) => {
        const found = keys.map((key) => [key, state(rows, key)] as const);
        return new Map(found.flatMap(([key, one]) => (one === undefined ? [] : [[key, one] as const])));
      }),
    legacyIds: (_entity, keys) =>
      session.run(
        'links',
        (rows) => new Map(links(rows).flatMap(({ key, legacyId }) => (keys.includes(key) ? [[key, legacyId]] : []))),
      ),
    links: (entity, legacyIds) =>
      session.run('links', (rows) =>
        links(rows).flatMap((link) => (legacyIds.includes(link.legacyId) ? [{ entity, ...link }] : [])),
      ),
    parked: async () => undefined,
    // The one question that is asked in SQL: the authority that all partitions have.
    rows: () =>
      session.run('authority', (rows) => {
        const all = Array.from({ length: partitions }, (_, each) => offset(rows, each)?.authority ?? FIRST_AUTHORITY);
        const lowest = (of: 'epoch' | 'handback') => Math.min(...all.map((one) => one[of]));
        return [{ epoch: lowest('epoch'), handback: lowest('handback') }];
      }),
  };
}

/** V2 as an import observes it. */
export function observerOf(session: MemorySession): StateObserver {
  return {
    authorities: () =>
      session.run('authorities', (rows) => {
        const all = rows.all<OffsetInMemory>(OFFSETS).map(([, row]) => row);
        return new Map(all.map(({ partition, authority }) => [partition, authority]));
      }),
    keyStates: (entity, keys) =>
      session.run('keyStates', (rows) => {
        const found = keys.map((key) => rows.get<StateInMemory>(STATES, stateKey(entity, key)));
        return new Map(found.flatMap((row) => (row === undefined ? [] : [[row.key, row.state.keyState] as const])));
      }),
  };
}

/** How far the projector has come, as whoever waits for an outcome learns it. */
export function progressOf(session: MemorySession): ProjectionProgress {
  return {
    reached: async ({ consumer, partition, offset }, timeoutMs) => {
      for (const until = performance.now() + timeoutMs; ; ) {
        const next = await session
          .run('position', (rows) => rows.get<OffsetInMemory>(OFFSETS, offsetKey(consumer, partition))?.nextOffset)
          .catch(() => undefined);
        if (next !== undefined && next > offset) return true;
        if (performance.now() >= until) return false;
        await pause(POLL_MS);
      }
    },
    close: async () => undefined,
  };
}
