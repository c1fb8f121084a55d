import { systemClock } from '@banyan/core';
import type { PorterApi } from '@banyan/importing';
import type { SliceHandler } from '@banyan/kafka';
import { createHttpReader, createSender } from '@banyan/legacy';
import {
  createMemoryPorterStore,
  type HttpSendingPort,
  type InstanceRow,
  type IntentRow,
  intake,
  keepHouse,
  type LinkRow,
  register,
  SILENT_MS,
  startOutbox,
  startSending,
  TABLE,
  type WorkRow,
} from '@banyan/legacy-porter/testing';
import type { MemorySession, MemoryTx, Rows } from '@banyan/postgres/testing';
import { createSink, type Replayed } from '@banyan/sink';
import { createMemorySinkStore, OFFSETS, type OffsetInMemory, PARKED } from '@banyan/sink/testing';
import { primaryPortOf } from '@banyan/transformer';
import { PARTITIONS, TOPIC } from './api.js';
import { addEffects, withSends } from './chains.js';
import { CONSUMER, Flow } from './flow.js';
import { type Note, note } from './note.js';
import type { Process } from './process.js';
import { ProcessLog } from './process-log.js';
import type { Replays } from './repair.js';
import { NOTES, type World } from './world.js';

export const PORT = 'note.backend';
const CONCURRENCY = 4;
const HOUSEKEEPING_MS = 5_000;

/** An instance of legacy-porter: its real intake, senders, lease and outbox over the world's log, store and legacy. */
export async function startPorter(world: World, process: Process, maxSliceRecords: number): Promise<Replays> {
  const { wire, porter, legacy, variant, code } = world;
  const newId = () => world.newId();
  const session = world.session(porter, process);
  const right = withSends(createMemoryPorterStore({ session, clock: systemClock, newId }), session);
  const store = variant.porterStore?.(right, session) ?? right;
  const rightSinkStore = createMemorySinkStore({ session, schema: 'porter', consumer: PORT });
  const sinkStore = variant.sinkStore?.(rightSinkStore, session) ?? rightSinkStore;
  const takeIn = intake<MemoryTx>({
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
  });
  const sink = createSink<MemoryTx>({
    store: sinkStore,
    entity: code.entity,
    codec: code.codecOver(NOTES),
    apply: async (tx, changes) => {
      for (const change of changes) if (change.outcome === 'effective') code.mustTakeIn(change.event.data);
      await takeIn(tx, changes);
      await tx.run('chain of effects', (rows) => addEffects(rows, changes));
    },
  });
  await sink.prepare(PARTITIONS);
  const since = systemClock.monotonic();
  const holder = await register(store, process.name);
  const api = legacy.api(process);
  const primary = primaryPortOf(note);
  const definition: typeof primary = {
    ...primary,
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
  return { process, replay: (key) => process.answer(() => replay(key)) };

  /** As the porter does it: what the intake holds first, then the sends that stand. */
  async function replay(key: string): Promise<Replayed & { readonly sends: number }> {
    const events = await sink.replay(key);
    const sends = await store.alone.readyAgain(PORT, key);
    wake();
    return { ...events, sends };
  }
}

/** The porter's journal as others ask it: at its primary. */
export function porterApiOf(session: MemorySession): PorterApi {
  return {
    links: (entity, by) =>
      session.run('links', (rows) => {
        const links = linksIn(rows).filter((link) => link.entity === entity);
        const asked = links.filter((link) =>
          'keys' in by ? by.keys.includes(link.key) : by.legacyIds.includes(link.legacyId),
        );
        const last = new Map(asked.map((link) => ['keys' in by ? link.key : link.legacyId, link]));
        return [...last.values()].map(({ key, legacyId }) => ({ entity, key, legacyId }));
      }),
    intents: (entity) =>
      session.run('intents', (rows) =>
        rows
          .all<IntentRow>(TABLE.intent)
          .map(([, row]) => row)
          .filter(({ state }) => state !== 'closed')
          .map((row) => ({
            entity,
            key: row.key,
            eventId: row.eventId,
            operation: row.operation,
            highWaterMark: row.highWaterMark,
            state: isInDoubt(rows, row) ? ('in-doubt' as const) : ('open' as const),
            legacyId: row.legacyId,
          })),
      ),
  };
}

function isInDoubt(rows: Rows, intent: IntentRow): boolean {
  const works = rows.all<WorkRow>(TABLE.work).map(([, row]) => row);
  const work = works.find(({ key, version }) => key === intent.key && version === intent.version);
  if (work?.state === 'in-doubt') return true;
  const isAlive = ({ name, incarnation, leftAt, heartbeatAt }: InstanceRow) =>
    name === intent.writer &&
    incarnation === intent.incarnation &&
    leftAt === null &&
    heartbeatAt > systemClock.now() - SILENT_MS;
  return intent.state === 'open' && !rows.all<InstanceRow>(TABLE.instance).some(([, row]) => isAlive(row));
}

/** In the order in which they were written. */
export function linksIn(rows: Pick<Rows, 'all'>): readonly LinkRow[] {
  return rows
    .all<LinkRow>(TABLE.link)
    .map(([, link]) => link)
    .toSorted((a, b) => a.seq - b.seq);
}

/** What legacy does not have yet of what lies before a fence, in words: what `/internal/drained` tells of. */
export function unsettledOf(session: MemorySession, fence: number | undefined): Promise<readonly string[]> {
  return session.run('drained', (rows) => {
    const offsets = rows.all<OffsetInMemory>(OFFSETS).map(([, row]) => row);
    const behind = fence === undefined ? [] : offsets.filter(({ authority }) => authority.epoch < fence);
    const works = rows.all<WorkRow>(TABLE.work).map(([, row]) => row);
    // Before the fence only what stands is in the way; what is on its way has until the drain.
    const open = fence === undefined ? works.filter(({ state }) => state !== 'ready') : works;
    const intents = rows.all<IntentRow>(TABLE.intent).filter(([, { state }]) => state !== 'closed');
    const parked = rows.all<{ kind: string }>(PARKED).filter(([, { kind }]) => kind !== 'invalid');
    return [
      ...behind.map(({ partition }) => `partition ${partition} has not come to the fence`),
      ...open.map(({ key, state }) => `${key} is ${state}`),
      ...(fence === undefined ? [] : intents.map(([, { key }]) => `${key} may be at legacy`)),
      ...parked.map(() => 'an event is parked'),
    ];
  });
}
