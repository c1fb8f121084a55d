import { appendMarker, type Control, driveMove, type MoveGoal, type MovePorts } from '@banyan/control';
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

/** An operator's process that moves the authority, by the real driver. Resolves when the move is over; throws what nobody expects. */
export async function move(world: World, view: MoverView, process: Process, goal: MoveGoal): Promise<void> {
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
      const { outcome } = await driveMove({
        control,
        entity: note.name,
        goal,
        ports,
        by: process.name,
        clock: systemClock,
        onStep: (words) => world.tell(`${process.name}: ${words}`),
      });
      if (outcome === 'moved') world.happenings.add(goal === 'new' ? 'authority moved to V2' : 'authority handed back');
      if (outcome !== 'open') return;
    } catch (error) {
      // An operator who is refused looks again a moment later, as long as it may heal.
      if (!isBanyanError(error)) throw error;
      world.tell(`${process.name}: ${error.message}`);
      await pause(1_000);
    }
  }
}

async function epochsOf(session: MemorySession): Promise<{ readonly lowest: number; readonly highest: number }> {
  const epochs = await session.run('epochs', (rows) =>
    rows.all<OffsetInMemory>(OFFSETS).map(([, { authority }]) => authority.epoch),
  );
  return epochs.length === 0
    ? { lowest: 0, highest: 0 }
    : { lowest: Math.min(...epochs), highest: Math.max(...epochs) };
}
