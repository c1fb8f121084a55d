import { systemClock } from '@banyan/core';
import type { SliceHandler } from '@banyan/kafka';
import { createHttpReader, createSender } from '@banyan/legacy';
import {
  createMemoryPorterStore,
  type DiscardSendOrder,
  type HttpSendingPort,
  type IntakeOptions,
  intake,
  keepHouse,
  porterRepairs,
  register,
  remember,
  startOutbox,
  startSending,
} from '@banyan/legacy-porter/testing';
import type { MemoryTx } from '@banyan/postgres/testing';
import { createSink, type Replayed } from '@banyan/sink';
import { createMemorySinkStore } from '@banyan/sink/testing';
import { primaryPortOf } from '@banyan/transformer';
import { PARTITIONS, TOPIC } from './api.js';
import type { Asked } from './asked.js';
import { addEffects, withSends } from './chains.js';
import { CONSUMER, Flow } from './flow.js';
import { type Note, note } from './note.js';
import type { Process } from './process.js';
import { ProcessLog } from './process-log.js';
import { NOTES, type World } from './world.js';

export const PORT = 'note.backend';
const CONCURRENCY = 4;
const HOUSEKEEPING_MS = 5_000;

/** An instance of legacy-porter: its real intake, senders, lease and outbox over the world's log, store and legacy. */
export async function startPorter(world: World, process: Process, maxSliceRecords: number): Promise<Asked> {
  const { wire, porter, legacy, variant, code } = world;
  const newId = () => world.newId();
  const session = world.session(porter, process);
  const right = withSends(createMemoryPorterStore({ session, clock: systemClock, newId }), session);
  const store = variant.porterStore?.(right, session) ?? right;
  const rightSinkStore = createMemorySinkStore({ session, schema: 'porter', consumer: PORT });
  const sinkStore = variant.sinkStore?.(rightSinkStore, session) ?? rightSinkStore;
  const takingIn: IntakeOptions<MemoryTx> = {
    store,
    entity: note,
    port: 'backend',
    primary: true,
    writer: process.name,
    nowMs: () => systemClock.now(),
    onLinkTaken: () => undefined,
    onBypass: () => undefined,
    onEcho: () => undefined,
    onSends: () => undefined,
  };
  const takeIn = intake(takingIn);
  const sink = createSink<MemoryTx>({
    store: sinkStore,
    entity: code.entity,
    codec: code.codecOver(NOTES),
    apply: async (tx, changes) => {
      for (const change of changes) if (change.outcome === 'effective') code.mustTakeIn(change.event.data);
      await takeIn(tx, changes);
      await tx.run('chain of effects', (rows) => addEffects(rows, changes));
    },
    ...(variant.remembers === false ? {} : { remember: remember(takingIn) }),
  });
  await sink.prepare(PARTITIONS);
  const since = systemClock.monotonic();
  const holder = await register(store, process.name);
  const api = legacy.api(process);
  const primary = primaryPortOf(note);
  const { compareAndSetWindow: _, ...target } = primary.target;
  const definition: typeof primary = {
    ...primary,
    ...(legacy.etags ? { target: { ...target, ifMatch: true as const } } : {}),
    format: (state: Note, context) => {
      code.mustFormat(state);
      return primary.format(state, context);
    },
  };
  const port: HttpSendingPort = {
    over: 'http',
    consumer: PORT,
    entity: note,
    definition,
    portOf: () => 'backend',
    sender: createSender(note.legacy, definition.target, createHttpReader(note.legacy, api), api),
  };
  const flow = new Flow(world, process, CONSUMER.porter);
  const { schedulers } = startSending({
    holder,
    since,
    store,
    leaseStore: store,
    targets: [{ name: 'legacy', ports: [variant.port?.(port) ?? port], lanes: flow.lanes(PORT, CONCURRENCY) }],
    mayBegin: () => flow.mayBegin(),
    clock: variant.leaseEnds === false ? { ...systemClock, monotonic: () => since } : systemClock,
    stopping: new AbortController().signal,
    onVerdict: () => undefined,
    onLost: () => (variant.leaseEnds === false ? undefined : process.kill()),
    onError: () => undefined,
  });
  const wake = () => schedulers.get('legacy')?.wake();
  setInterval(() => {
    keepHouse(store, wake).catch(() => undefined);
  }, HOUSEKEEPING_MS);
  const log = new ProcessLog(wire, process);
  const outbox = startOutbox({
    store,
    codec: world.codec('receipts'),
    appender: await log.appender(),
    prefix: '',
    writer: holder.name,
    onError: () => undefined,
  });
  const handler: SliceHandler = {
    position: (partition) => sink.position(partition),
    handle: async (slice) => {
      await sink.handle(slice);
      wake();
      outbox.wake();
    },
  };
  const member = await log.consume({
    topic: TOPIC,
    group: `legacy-porter.${PORT}`,
    handler: flow.watched(variant.handler?.(handler, sinkStore) ?? handler),
    maxSliceRecords,
    paused: flow.stands,
  });
  flow.obey(member);
  const appender = await log.appender();
  const partitions = new Map<string, number>();
  const repairs = porterRepairs({
    store,
    sinkStore,
    port,
    partitionOf: (key) => partitions.get(key) ?? 0,
    writer: holder.name,
    nowMs: () => systemClock.now(),
  });
  flow.makeAnew({
    batch: async (request, of) => {
      const progress = await repairs.batch(request, of);
      wake();
      return progress;
    },
    underWay: repairs.underWay,
  });
  return {
    process,
    replay: (key) => process.answer(() => replay(key)),
    discard: (order) => process.answer(() => discard(order)),
    settle: (order) =>
      process.answer(async () => {
        await repairs.settle(order);
        wake();
      }),
  };

  /** As the porter does it: what the intake holds first, then the sends that stand. */
  async function replay(key: string): Promise<Replayed & { readonly sends: number }> {
    const events = await sink.replay(key);
    const sends = await store.alone.readyAgain(PORT, key);
    wake();
    return { ...events, sends };
  }

  /** As the porter does it: a send, or what an event means for the port. */
  async function discard(order: DiscardSendOrder): Promise<void> {
    const { key } = order;
    partitions.set(key, await appender.partitionOf(TOPIC, key));
    const first = await store.transaction((tx) => tx.lockFirst(PORT, key));
    if (first?.eventId === order.eventId) await repairs.discard(order);
    else await sink.discard(order);
    wake();
  }
}
