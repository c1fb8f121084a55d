import { createSink, resyncBatch } from '@banyan/sink';
import { createMemorySinkStore } from '@banyan/sink/testing';
import { PARTITIONS, TOPIC } from './api.js';
import type { Asked } from './asked.js';
import { CONSUMER, Flow } from './flow.js';
import { note } from './note.js';
import type { Process } from './process.js';
import { ProcessLog } from './process-log.js';
import { projectNotes, rememberLinks, reprojectNotes } from './v2.js';
import { NOTES, type World } from './world.js';

/** An instance of v2-projector: its real sink and runtime over the world's log and V2. */
export async function startProjector(world: World, process: Process, maxSliceRecords: number): Promise<Asked> {
  const { wire, v2, variant, code } = world;
  const session = world.session(v2, process);
  const right = createMemorySinkStore({ session, schema: 'v2', consumer: note.name });
  const store = variant.sinkStore?.(right, session) ?? right;
  const sink = createSink({
    store,
    entity: code.entity,
    codec: code.codecOver(NOTES),
    apply: projectNotes(code),
    remember: rememberLinks,
  });
  await sink.prepare(PARTITIONS);
  const flow = new Flow(world, process, CONSUMER.projector);
  const member = await new ProcessLog(wire, process).consume({
    topic: TOPIC,
    group: 'v2-projector.note',
    handler: flow.watched(variant.handler?.(sink, store) ?? sink),
    maxSliceRecords,
    paused: flow.stands,
  });
  flow.obey(member);
  const anew = { store, name: CONSUMER.projector, apply: reprojectNotes(code) };
  flow.makeAnew({
    batch: (request, of) => resyncBatch({ ...anew, version: code.version }, request, of),
    underWay: async () => 0,
  });
  return {
    process,
    replay: (key) => process.answer(() => sink.replay(key)),
    discard: (order) => process.answer(() => sink.discard(order)),
  };
}
