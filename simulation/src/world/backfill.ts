import { isBanyanError, systemClock } from '@banyan/core';
import { createImporterOver } from '@banyan/importing';
import { createHttpReader } from '@banyan/legacy';
import { note } from './note.js';
import type { Process } from './process.js';
import { ProcessLog } from './process-log.js';
import { observerOf, progressOf } from './v2.js';
import { pause } from './waiting.js';
import { NOTES, type World } from './world.js';

const PAGE = 3;
const PAUSE_MS = 500;

/** Imports all that legacy has, and what V2 has of it that legacy has no more, by the real importer. */
export async function backfill(world: World, process: Process): Promise<void> {
  world.happenings.add('backfill');
  const v2 = world.session(world.v2, process);
  const appender = await new ProcessLog(world.wire, process).appender();
  const importer = createImporterOver({
    entity: note,
    entities: [note],
    origin: 'backfill',
    source: process.name,
    topicPrefix: '',
    log: appender,
    codec: NOTES,
    observer: observerOf(v2),
    progress: progressOf(v2),
    reader: createHttpReader(note.legacy, world.legacy.api(process)),
    porter: world.porterApi(process),
    newId: () => world.newId(),
    clock: systemClock,
    appendDeadlineMs: 5_000,
    outcomeDeadlineMs: 5_000,
    waitForIntentsMs: 2_000,
  });
  const ids = world.legacy.idsEver();
  for (let at = 0; at < ids.length; at += PAGE) {
    const items = ids.slice(at, at + PAGE).map((legacyId) => ({ legacyId }));
    for (;;) {
      const held = await importer.importChunk(items).then(
        (results) => results.some(({ bucket }) => bucket === 'held'),
        (error: unknown) => {
          if (isBanyanError(error) && error.retryable) return true;
          throw error;
        },
      );
      if (!held) break;
      await pause(PAUSE_MS);
    }
  }
}
