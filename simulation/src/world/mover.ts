import {
  appendMarker,
  type Control,
  driveMove,
  entityControl,
  entitySubject,
  type MoveGoal,
  type MovePorts,
} from '@banyan/control';
import { isBanyanError, systemClock } from '@banyan/core';
import type { MemorySession } from '@banyan/postgres/testing';
import { OFFSETS, type OffsetInMemory } from '@banyan/sink/testing';
import { TOPIC } from './api.js';
import { note, SETTLE_AFTER_MS } from './note.js';
import type { Process } from './process.js';
import { ProcessLog } from './process-log.js';
import { pause } from './waiting.js';
import type { World } from './world.js';

/** What the driver looks at. */
export interface MoverView {
  readonly control: Control;
  /** Of the databases of all that fold notes. */
  readonly stores: readonly { readonly consumer: string; readonly session: MemorySession }[];
  /** What legacy does not have yet. */
  unsettled(fence: number | undefined): Promise<readonly string[]>;
}

/**
 * An operator's process that moves the authority, by the real driver. Resolves when the move is over; throws what nobody expects.
 * @param share of the keys that V2 gets, in per cent; below 100 the driver goes on with a move that is planned here
 */
export async function move(
  world: World,
  view: MoverView,
  process: Process,
  { to: goal, share }: { readonly to: Exclude<MoveGoal, 'abort'>; readonly share: number },
): Promise<void> {
  const { control, stores } = view;
  const log = new ProcessLog(world.wire, process);
  const target = {
    log,
    appender: await log.appender(),
    topic: TOPIC,
    topicPrefix: '',
    source: process.name,
    newId: () => world.newId(),
    clock: systemClock,
  };
  const right: MovePorts = {
    epochs: () =>
      Promise.all(stores.map(async ({ consumer, session }) => ({ consumer, ...(await epochsOf(session)) }))),
    mark: (marker) => appendMarker(target, marker),
    unsettled: (fence) => view.unsettled(fence),
    settleAfterMs: SETTLE_AFTER_MS,
  };
  const ports = world.variant.movePorts?.(right, goal) ?? right;
  for (;;) {
    try {
      if (share < 100) await plan(control, process, share);
      const { outcome } = await driveMove({
        control,
        entity: note.name,
        goal,
        ports,
        by: process.name,
        clock: systemClock,
        onStep: (words) => world.tell(`${process.name}: ${words}`),
      });
      if (outcome === 'moved' && share < 100) world.happenings.add('share of the keys moved to V2');
      else if (outcome === 'moved')
        world.happenings.add(goal === 'new' ? 'authority moved to V2' : 'authority handed back');
      if (outcome !== 'open') return;
    } catch (error) {
      // An operator who is refused looks again a moment later, as long as it may heal.
      if (!isBanyanError(error)) throw error;
      world.tell(`${process.name}: ${error.message}`);
      await pause(1_000);
    }
  }
}

/** Refused where a move is open, or V2 has as much. */
async function plan(control: Control, process: Process, share: number): Promise<void> {
  await control.follow();
  const { lastEpoch } = entityControl(control.state(), note.name);
  const subject = entitySubject(note.name);
  const data = { subject, direction: 'forward', epoch: lastEpoch + 1, share, toMode: 'new' } as const;
  await control.append({ type: 'banyan.control.v1.MovePlanned', data }, { by: process.name });
}

async function epochsOf(session: MemorySession): Promise<{ readonly lowest: number; readonly highest: number }> {
  const epochs = await session.run('epochs', (rows) =>
    rows.all<OffsetInMemory>(OFFSETS).map(([, { authority }]) => authority.epoch),
  );
  return epochs.length === 0
    ? { lowest: 0, highest: 0 }
    : { lowest: Math.min(...epochs), highest: Math.max(...epochs) };
}
