import { eventHeaders, type LogRecord, RECEIPTS_TOPIC } from '@banyan/contracts';
import { EventHandled, type EventHandledData } from '@banyan/contracts/events/banyan.receipt.v1';
import { inMemoryCodec } from '@banyan/contracts/testing';
import { isBanyanError, type Liveness, newId } from '@banyan/core';
import { VirtualTime } from '@banyan/core/testing';
import { InMemoryEventLog } from '@banyan/kafka/testing';
import { createHttpReader, createSender, type LegacyApi } from '@banyan/legacy';
import { MemoryDatabase } from '@banyan/postgres/testing';
import { createSink, type SinkOptions } from '@banyan/sink';
import { createMemorySinkStore } from '@banyan/sink/testing';
import { register } from '../instance/incarnations.js';
import { intake } from '../intake/intake.js';
import { catchUpWithReceipts } from '../rebuilding/catch-up-with-receipts.js';
import { LostPast } from '../rebuilding/lost-past.js';
import { startOutbox } from '../receipts/outbox.js';
import { type PorterRepairs, porterRepairs } from '../repairs/porter-repairs.js';
import { sharedLane } from '../sending/lanes.js';
import { startSending } from '../sending/sending.js';
import { keepHouse } from '../store/housekeeping.js';
import { createMemoryPorterStore } from './memory-store/memory-porter-store.js';
import { type Thing, ThingsRig } from './things.js';

const HAPPENED = 'test.thing.v1.Happened';
const CONSUMER = 'thing.backend';
const HOUSEKEEPING_MS = 5_000;

const things: SinkOptions<unknown>['entity'] = {
  name: 'thing',
  version: 1,
  events: [{ name: HAPPENED, schema: {} }],
  evolve: (_: unknown, event: { data: Thing | null }) => event.data ?? undefined,
};

/** Everything around porters, in memory: their database, a topic of one partition, legacy, the log of receipts, and time. */
export class PorterInMemory {
  readonly time = new VirtualTime();
  database = new MemoryDatabase();
  readonly things: ThingsRig;
  log = new InMemoryEventLog({ clock: this.time });
  readonly #records: LogRecord[] = [];

  /** @param by how legacy compares */
  constructor(by: 'look' | 'if-match' = 'look') {
    this.things = new ThingsRig('probe', by);
  }

  /** Appends an event of a thing; null = it is deleted. */
  happened(key: string, expectedVersion: number, data: Thing | null): string {
    const id = newId();
    const liveness: Liveness = data === null ? 'deleted' : 'live';
    const meta = { id, type: HAPPENED, source: 'spec', timeMs: 0, subject: key, origin: 'api', epoch: 0 } as const;
    this.#records.push({
      topic: 'test.thing.v1',
      partition: 0,
      offset: BigInt(this.#records.length),
      timestampMs: 0,
      key,
      value: Buffer.from(JSON.stringify(data)),
      headers: eventHeaders({ ...meta, expectedVersion, liveness }),
    });
    return id;
  }

  /** Comes up under a name, and takes in and sends until it is killed. @param step called for each statement and commit of it */
  async porter(name: string, step: (what: string) => void = () => undefined): Promise<PorterLife> {
    const life = new PorterLife();
    const { time, database } = this;
    const session = database.session(async (what) => {
      step(what);
      if (life.over) await NEVER;
    });
    life.onKill(() => session.kill());
    const store = createMemoryPorterStore({ session, clock: time, newId });
    const timers = {
      after: (ms: number, work: () => void) => time.after(ms, () => (life.over ? undefined : work())),
    };
    const codec = await inMemoryCodec([EventHandled]);
    const lostPast = new LostPast();
    await catchUpWithReceipts({
      store,
      log: this.log,
      codec,
      prefix: '',
      writer: name,
      learners: [{ consumer: CONSUMER, entity: 'thing', port: 'backend', primary: true }],
      endsOf: async () => new Map([[0, BigInt(this.#records.length)]]),
      lostPast,
      onLearned: () => undefined,
    });
    const since = time.monotonic();
    const holder = await register(store, name);
    const outbox = startOutbox({
      store,
      codec,
      appender: await this.log.appender(),
      prefix: '',
      writer: name,
      timers,
      onError: life.onError,
    });
    const port = this.#portOf(life);
    const { schedulers } = startSending({
      holder,
      since,
      store,
      leaseStore: store,
      targets: [{ name: 'legacy', ports: [port], lanes: sharedLane([port.consumer], 4) }],
      clock: time,
      timers,
      stopping: new AbortController().signal,
      onVerdict: outbox.wake,
      onLost: () => undefined,
      onError: life.onError,
    });
    const wake = () => schedulers.get('legacy')?.wake();
    const sink = createSink({
      store: createMemorySinkStore({ session, schema: 'porter', consumer: CONSUMER, clock: time }),
      entity: things,
      codec: { decode: async (_, value) => JSON.parse(value.toString()) },
      apply: intake({
        store,
        entity: this.things.port.entity,
        port: 'backend',
        primary: true,
        writer: name,
        nowMs: time.now,
        onLinkTaken: () => undefined,
        onBypass: () => undefined,
        onEcho: () => undefined,
        onSends: () => undefined,
        isLostPast: (place) => lostPast.holds(CONSUMER, place),
      }),
    });
    const takeIn = async (): Promise<void> => {
      const position = Number(await sink.position(0));
      const records = this.#records.slice(position);
      if (records.length > 0) await sink.handle({ topic: 'test.thing.v1', partition: 0, records });
      wake();
    };
    const house = async (): Promise<void> => {
      await keepHouse(store, wake).catch(life.onError);
      timers.after(HOUSEKEEPING_MS, () => void house());
    };
    timers.after(HOUSEKEEPING_MS, () => void house());
    void takeIn().catch(life.onError);
    return life;
  }

  /** What people may do with the keys of the port, as any process of it would be asked. */
  repairs(): PorterRepairs {
    const { time, database } = this;
    const session = database.session();
    return porterRepairs({
      store: createMemoryPorterStore({ session, clock: time, newId }),
      sinkStore: createMemorySinkStore({ session, schema: 'porter', consumer: CONSUMER, clock: time }),
      port: this.things.port,
      partitionOf: () => 0,
      writer: 'porter-0',
      nowMs: time.now,
    });
  }

  /** The porters' database is lost; they are dead. */
  loseDatabase(): void {
    this.database = new MemoryDatabase();
  }

  /** Each once, however often it was appended. */
  async receipts(): Promise<readonly EventHandledData[]> {
    const codec = await inMemoryCodec([EventHandled]);
    const byId = new Map(this.log.records(RECEIPTS_TOPIC).map((record) => [record.headers.ce_id, record.value]));
    const read = [...byId.values()].map((value) => codec.decode(EventHandled.name, value));
    return (await Promise.all(read)) as EventHandledData[];
  }

  /** A process that is dead asks legacy for nothing more, and hears nothing. */
  #portOf(life: PorterLife): ThingsRig['port'] {
    const { port, legacy } = this.things;
    const api: LegacyApi = {
      send: async (request, options) => {
        if (life.over) return NEVER;
        const answer = await legacy.send(request, options);
        return life.over ? NEVER : answer;
      },
      close: async () => undefined,
    };
    const { legacy: entity } = port.entity;
    return { ...port, sender: createSender(entity, port.definition.target, createHttpReader(entity, api), api) };
  }
}

const NEVER = new Promise<never>(() => undefined);

/** One life of a process. */
export class PorterLife {
  over = false;
  /** What went wrong beside the store being away. */
  readonly errors: unknown[] = [];
  #kill: () => void = () => undefined;

  onKill(kill: () => void): void {
    this.#kill = kill;
  }

  readonly onError = (error: unknown): void => {
    if (!this.over && !(isBanyanError(error) && error.retryable)) this.errors.push(error);
  };

  kill(): void {
    this.over = true;
    this.#kill();
  }
}
