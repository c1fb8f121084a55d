import { type Codec, RECEIPTS_TOPIC, TOPIC_PARTITIONS, topicName } from '@banyan/contracts';
import {
  type Control,
  type ControlState,
  consumerControl,
  endResync,
  obeyPauses,
  type Pause,
  wantedResync,
} from '@banyan/control';
import { BanyanError, type Clock, isBanyanError } from '@banyan/core';
import type { EventLog, RunningConsumer } from '@banyan/kafka';
import { migrate, type Pool } from '@banyan/postgres';
import { atMost, type GiveUp, type HealthCheck, type Log, pause, retried } from '@banyan/service';
import { BooksWatch, runResync } from '@banyan/sink';
import { leave, register } from './instance/incarnations.js';
import { type Backlog, backlogs } from './internal/backlog.js';
import type { PorterView, TargetReport } from './internal/operations.js';
import type { PorterConsumer, Sends } from './porter-consumer.js';
import { porterHealth } from './porter-health.js';
import type { PorterMetrics } from './porter-metrics.js';
import type { PorterTarget } from './porter-target.js';
import { catchUpWithReceipts } from './rebuilding/catch-up-with-receipts.js';
import type { LostPast } from './rebuilding/lost-past.js';
import { type Outbox, startOutbox } from './receipts/outbox.js';
import { Lanes, type PortSetting, sharedLane } from './sending/lanes.js';
import type { Scheduler } from './sending/scheduler.js';
import { type Sending, startSending } from './sending/sending.js';
import { tellOfSlowness } from './sending/tell-of-slowness.js';
import { keepHouse } from './store/housekeeping.js';
import { PORTER_SCHEMA, porterMigrations } from './store/porter-migrations.js';
import type { PorterStore } from './store/porter-store.js';
import { createPostgresPorterStore } from './store/postgres/postgres-porter-store.js';
import { readSettings, storeSetting } from './store/settings.js';
import { applySwitch } from './store/switches.js';
import type { Holder } from './store/work.js';
import { carryOver } from './switches/carry-over.js';
import { followSwitches } from './switches/follow-switches.js';
import { controlName, settingOf, settingsOf } from './switches/settings.js';

export interface PorterOptions {
  readonly name: string;
  readonly prefix: string;
  readonly pool: Pool;
  readonly store: PorterStore;
  /** One connection to the same database, for the lease alone: a beat that queued behind the sends would let it lapse under load. */
  readonly leasePool: Pool;
  readonly log: EventLog;
  readonly codec: Codec;
  readonly control: Control;
  readonly consumers: readonly PorterConsumer[];
  /** Where the consumers send. */
  readonly targets: readonly PorterTarget[];
  readonly clock: Clock;
  readonly logger: Log;
  readonly metrics: PorterMetrics;
  readonly lostPast: LostPast;
  /** Hears of what cannot go on; whoever runs the app ends it then. */
  readonly gaveUp: GiveUp;
}

const RETRY_MS = 1_000;
const HOUSEKEEPING_MS = 5_000;
/** How long a start waits for the control log, and for the receipts, before it sends by what was stored. */
const CONTROL_MS = 5_000;
/** Between two notes of how far the receipts are this database's own. */
const NOTE_RECEIPTS_MS = 60_000;
/** What no repeat heals: a person has to say which database and which log belong together. */
const REFUSALS = new Set(['PORTER_DATABASE_MIXED', 'PORTER_RECEIPTS_GONE']);
/** Together below the 10 s after which the process is ended: what is at legacy comes back within its own 5 s. */
const DRAIN_MS = 5_000;
const RECEIPTS_MS = 1_500;
const CLOSE_MS = 1_000;

/**
 * The app behind its HTTP shell. Lifecycle: starting (waits for PostgreSQL, Kafka, registry, whatever order they come in) -> running ->
 * stopping. It never ends because something else is away: it waits, says so, and goes on. What no waiting mends it says to `gaveUp`.
 */
export class Porter implements PorterView {
  readonly #options: PorterOptions;
  readonly #running = new Map<string, RunningConsumer>();
  readonly #stopping = new AbortController();
  #background: Promise<unknown> = Promise.resolve();
  #waitsFor: string | undefined = 'start';
  #holder: Holder | undefined;
  #sending: Sending | undefined;
  #outbox: Outbox | undefined;
  #backlogs: ReadonlyMap<string, Backlog & { readonly unlike: number }> = new Map();
  #drained: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;
  /** Whether the database is known to have lost nothing that the receipts tell. */
  #caughtUp = false;
  /** Without Kafka it is believed from then on; undefined = never. */
  #believedFromMs: number | undefined;
  /** Why nothing is sent until a person has mended it. */
  #refusal: BanyanError | undefined;
  #notedReceiptsAtMs = Number.NEGATIVE_INFINITY;
  #stopFollowing: () => Promise<unknown> = async () => undefined;
  #pauses: ReturnType<typeof obeyPauses> | undefined;
  #rePorts: Promise<unknown> = Promise.resolve();
  /** What the control log said when it was last read, of a run before this one. */
  #stored: ReadonlyMap<string, PortSetting> = new Map();
  /** By target. */
  readonly #lanes: ReadonlyMap<string, Lanes>;

  constructor(options: PorterOptions) {
    this.#options = options;
    this.booksWatch = new BooksWatch(options.clock);
    const settingOf = (consumer: string) => this.#settingOf(consumer);
    this.#lanes = new Map(
      options.targets.map(({ name, concurrency: shared }) => {
        const its = options.consumers.filter(({ target }) => target === name);
        return [name, new Lanes({ consumers: its.map((one) => one.name), shared, settingOf })];
      }),
    );
  }

  /** Returns at once; readiness tells when everything runs. */
  start(): void {
    this.#background = this.#begin();
  }

  /** Begins nothing new and lets what is at legacy come back, while the others may still ask for links. Repeatable. */
  drain(): Promise<void> {
    this.#drained ??= this.#drain();
    return this.#drained;
  }

  /** Leaves in order: then another instance may go on with what is left. Repeatable. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    const { pool, store, leasePool, log, targets, control } = this.#options;
    const until = performance.now() + DRAIN_MS;
    // What draining did not need.
    const leftMs = () => Math.max(CLOSE_MS, until - performance.now());
    await this.drain();
    this.#sending?.lease.stop();
    await atMost(CLOSE_MS, Promise.all(targets.map((target) => target.close())));
    if (this.#holder !== undefined) {
      const left = leave(store, this.#holder).catch((error: unknown) => this.#warn(error, 'leaving'));
      await atMost(leftMs(), left);
    }
    // With Kafka away closing it would take longer than there is; its receipts are in PostgreSQL.
    await atMost(
      leftMs(),
      control.close().then(() => log.close()),
    );
    await atMost(leftMs(), Promise.all([pool.end(), leasePool.end()]));
  }

  /** The consumer of a name, once it runs; for tests and metrics. */
  running(name: string): RunningConsumer | undefined {
    return this.#running.get(name);
  }

  /** What a consumer has to send, a few seconds ago; undefined = it could not be looked at. */
  backlog(name: string): (Backlog & { readonly unlike: number }) | undefined {
    return this.#backlogs.get(name);
  }

  /** What the consumers counted, a few seconds ago. */
  readonly booksWatch: BooksWatch;

  /** Throws `PORTER_NOT_READY` (retryable) while the schema is not there yet. */
  pool(): Pool {
    if (this.#holder !== undefined) return this.#options.pool;
    throw new BanyanError('PORTER_NOT_READY', `The porter waits to ${this.#waitsFor}; ask again.`, { retryable: true });
  }

  store(): PorterStore {
    this.pool();
    return this.#options.store;
  }

  /** Throws `PORTER_NOT_READY` (retryable) while links and journal may lack what the receipts tell. */
  requireCaughtUp(): void {
    this.pool();
    if (this.#mayBelieve()) return;
    const what = this.#refusal?.message ?? 'The porter reads its receipts first; ask again.';
    throw new BanyanError('PORTER_NOT_READY', what, { retryable: true });
  }

  targets(): readonly TargetReport[] {
    return this.#options.targets.map(({ name, objectiveMs = null }) => {
      const drive = this.#sending?.schedulers.get(name)?.drive();
      return {
        target: name,
        inFlight: drive?.inFlight ?? 0,
        limit: drive?.limit ?? 0,
        max: drive?.max ?? 0,
        answerMs: drive?.answerMs ?? null,
        objectiveMs,
        slowReason: drive?.slow?.reason ?? null,
        slowBecause: drive?.slow?.words ?? null,
      };
    });
  }

  control(): ControlState {
    return this.#options.control.state();
  }

  paused(consumer: string): Pause | undefined {
    return consumerControl(this.#options.control.state(), controlName(consumer)).paused;
  }

  sends(consumer: string): Sends {
    const own = this.#settingOf(consumer).sends;
    return {
      inFlight: this.#sending?.inFlight(consumer) ?? 0,
      limit: this.#lanesOf(this.#targetOf(consumer)).limitOf(consumer),
      own: own !== undefined,
    };
  }

  wake(): void {
    this.#wakeSenders();
    this.#outbox?.wake();
  }

  readonly health: HealthCheck = porterHealth(() => ({
    consumers: [...this.#running.values()],
    waitsFor: this.#waitsFor,
    controlTriedMs: this.#options.control.sinceTriedMs(),
    controlUnread: this.#options.control.caughtUp()
      ? undefined
      : (this.#options.control.lastError()?.message ?? 'it is being read'),
    replaced: this.#sending?.lease.lost() ?? false,
    refusal: this.#refusal?.message,
    stopping: this.#stopping.signal.aborted,
    holds: this.#sending?.lease.holds() ?? false,
  }));

  async #drain(): Promise<void> {
    this.#stopping.abort();
    this.#pauses?.stop();
    await atMost(DRAIN_MS, Promise.all([this.#background, this.#rePorts]));
    await Promise.all([
      this.#stopFollowing(),
      ...this.#senders().map((scheduler) => scheduler.stop(DRAIN_MS)),
      ...[...this.#running.values()].map((consumer) => consumer.stop(DRAIN_MS)),
    ]);
    this.#outbox?.wake();
    await atMost(RECEIPTS_MS, this.#outbox?.stop());
  }

  async #begin(): Promise<void> {
    const { pool, store, log, codec, consumers, gaveUp } = this.#options;
    const ran = await this.#retried('migrate schema porter', async () => {
      const names = await migrate(pool, PORTER_SCHEMA, porterMigrations);
      for (const { sink } of consumers) await sink.prepare(TOPIC_PARTITIONS);
      return names;
    });
    if (ran === undefined) return;
    this.#options.logger.info({ ran }, 'schema porter is up to date');
    const fresh = await this.#retried('look how far the receipts are read', () => this.#isFresh());
    if (fresh === undefined) return;
    const catchingUp = this.#catchUp();
    // With nothing in it, not even Kafka's absence makes a database believable.
    if (fresh && !(await catchingUp)) return;
    this.#believedFromMs = fresh ? undefined : this.#options.clock.monotonic() + CONTROL_MS;
    // Taken before the registration, so that the lease here never outlives the one that others see.
    const since = this.#options.clock.monotonic();
    const holder = await this.#retried('register', () => register(store, this.#options.name));
    if (holder === undefined) return;
    const stored = await this.#retried('read what is paused', () => readSettings(pool));
    if (stored === undefined) return;
    this.#stored = stored;
    this.#beginFollowing();
    this.#beginSending(holder, since);
    if (!(await catchingUp)) return;
    this.#rePorts = Promise.all(consumers.map((consumer) => this.#rePort(consumer)));
    for (const { name, topic, group, sink } of consumers) {
      const consumer = await this.#retried(`consume ${topic}`, () =>
        log.consume({
          topic,
          group,
          partitions: TOPIC_PARTITIONS,
          paused: true,
          onCrash: (error) => gaveUp.say(`consumer ${group}`, error),
          handler: {
            position: (partition) => sink.position(partition),
            handle: async (slice) => {
              await sink.handle(slice);
              this.wake();
            },
          },
        }),
      );
      if (consumer === undefined) return;
      this.#running.set(name, consumer);
      this.#pauses?.look();
    }
    const prepared = await this.#retried('look up schemas', async () => {
      await codec.prepare();
      return true;
    });
    if (prepared === undefined) return;
    const appender = await this.#retried('open the log', () => log.appender());
    if (appender === undefined) return;
    const onError = (error: unknown): void => this.#warn(error, 'appending receipts');
    this.#outbox = startOutbox({ store, codec, appender, prefix: this.#options.prefix, writer: holder.name, onError });
    this.#waitsFor = undefined;
  }

  /** Whether for some consumer the receipts were never looked at. */
  async #isFresh(): Promise<boolean> {
    const names = this.#options.consumers.map(({ name }) => name);
    const read = await this.#options.store.alone.receiptsRead(names);
    return names.some((name) => !read.has(name));
  }

  #mayBelieve(): boolean {
    if (this.#refusal !== undefined) return false;
    return this.#caughtUp || this.#options.clock.monotonic() >= (this.#believedFromMs ?? Number.POSITIVE_INFINITY);
  }

  /** Answers false when it was refused or the app stops. */
  async #catchUp(): Promise<boolean> {
    const { store, log, codec, prefix, name: writer, consumers, lostPast, logger } = this.#options;
    const topics = new Map(consumers.map(({ name, topic }) => [name, topic]));
    const learners = consumers.map(({ name: consumer, port }) => {
      const { name, primary } = port.definition;
      return { consumer, entity: port.entity.name, port: name, primary };
    });
    const done = await this.#retried('read the receipts', async () => {
      try {
        await catchUpWithReceipts({
          store,
          log,
          codec,
          prefix,
          writer,
          learners,
          lostPast,
          endsOf: async (consumer) => {
            const ends = await log.ends(topics.get(consumer) ?? '');
            return new Map(ends.map(({ partition, high }) => [partition, high]));
          },
          onLearned: (consumer, receipts) =>
            logger.warn(
              { consumer, receipts },
              `the database of ${consumer} was lost or put back: ${receipts} receipts told of sends that it did not know`,
            ),
        });
      } catch (error) {
        if (!isBanyanError(error) || !REFUSALS.has(error.code)) throw error;
        this.#refusal = error;
        logger.error({ code: error.code, ...error.data }, error.message);
      }
      return true;
    });
    this.#caughtUp = done === true && this.#refusal === undefined;
    if (this.#caughtUp) this.wake();
    return this.#caughtUp;
  }

  /** What is in the log by now was noted here before, so who puts this database back to today reads the receipts from there. */
  async #noteReceiptsRead(): Promise<void> {
    const { store, log, prefix, consumers, clock } = this.#options;
    if (!this.#caughtUp || clock.monotonic() < this.#notedReceiptsAtMs + NOTE_RECEIPTS_MS) return;
    this.#notedReceiptsAtMs = clock.monotonic();
    try {
      const ends = await log.ends(topicName(prefix, RECEIPTS_TOPIC));
      const next = new Map(ends.map(({ partition, high }) => [partition, high]));
      for (const { name } of consumers) await store.alone.saveReceiptsRead(name, next);
    } catch (error) {
      // Kafka or PostgreSQL away: others say so, and a later start only reads more.
      this.#options.logger.debug({ err: error }, 'how far the receipts are read was not noted');
    }
  }

  /** What was stored holds until the control log is read: with Kafka away a port that was off stays off. */
  #beginFollowing(): void {
    const { pool, store, name, control, consumers, clock, logger } = this.#options;
    const versions = new Map(consumers.map((consumer) => [consumer.name, consumer.port.entity.version]));
    const stopSwitches = followSwitches({
      control,
      consumers: [...versions.keys()],
      apply: async (change) => {
        const transformerVersion = versions.get(change.consumer) ?? 0;
        const context = { store, writer: name, nowMs: () => clock.now(), transformerVersion };
        if (!(await applySwitch(context, change))) return;
        logger.info(change, `port ${change.consumer} is ${change.mode}`);
        this.wake();
      },
      onError: (error, consumer) => this.#warn(error, `switching port ${consumer}`),
    });
    const names = [...versions.keys()];
    const stopSettings = carryOver({
      control,
      said: (state) => settingsOf(state, names),
      apply: (setting) => storeSetting(pool, setting),
      onError: (error, consumer) => this.#warn(error, `storing the setting of ${consumer}`),
    });
    this.#pauses = obeyPauses({
      control,
      consumers: () => new Map([...this.#running].map(([consumer, running]) => [controlName(consumer), running])),
      onChange: (consumer, pause) => {
        const words =
          pause === undefined
            ? 'goes on'
            : `is paused by ${pause.by} since ${pause.at}: ${pause.reason ?? 'no reason given'}`;
        logger.info({ consumer, ...pause }, `consumer ${consumer} ${words}`);
      },
    });
    const unsubscribe = control.onChange(() => this.wake());
    void control.follow().then(() => this.wake());
    this.#stopFollowing = () => {
      unsubscribe();
      return Promise.all([stopSwitches(), stopSettings()]);
    };
  }

  /** Carries out what the control log asks of a port, until the app stops. */
  async #rePort({ name, repairs }: PorterConsumer): Promise<void> {
    const { control, clock, logger } = this.#options;
    const running = runResync({
      wanted: () => wantedResync(control, controlName(name)),
      underWay: repairs.underWay,
      batch: async (request, of) => {
        const progress = await repairs.batch(request, of);
        this.#wakeSenders();
        return progress;
      },
      finished: async (progress) => {
        await endResync(control, controlName(name), progress);
        logger.info({ consumer: name, ...progress }, `${name} has sent its states once more`);
      },
      onError: (error) => this.#warn(error, `sending the states of ${name} once more`),
      clock,
      stopping: this.#stopping.signal,
    });
    const unsubscribe = control.onChange(running.wake);
    void control.follow().then(running.wake);
    await running.done;
    unsubscribe();
  }

  #settingOf(consumer: string): PortSetting {
    const { control } = this.#options;
    if (control.caughtUp()) return settingOf(control.state(), consumer);
    return this.#stored.get(consumer) ?? { paused: false, sends: undefined };
  }

  #beginSending(holder: Holder, since: number): void {
    const { store, leasePool, clock, consumers, targets, control, logger, metrics } = this.#options;
    // A pause that was said while this process was down stands in the control log alone.
    const sendFromMs = clock.monotonic() + CONTROL_MS;
    this.#holder = holder;
    void this.#tellWhoCannotSend();
    this.#sending = startSending({
      holder,
      since,
      store,
      leaseStore: createPostgresPorterStore(leasePool),
      targets: targets.map((target) => ({
        name: target.name,
        objectiveMs: target.objectiveMs,
        answers: () => target.answers(),
        ports: consumers.filter((one) => one.target === target.name).map(({ port }) => port),
        lanes: this.#lanesOf(target.name),
      })),
      onSlow: tellOfSlowness({ clock, logger, metrics }),
      mayBegin: () => this.#mayBelieve() && (control.caughtUp() || clock.monotonic() >= sendFromMs),
      clock,
      stopping: this.#stopping.signal,
      onError: (error, doing) => this.#warn(error, doing),
      onLost: () => this.#options.gaveUp.say('the sending', replaced(holder.name)),
      onVerdict: (work, verdict, tookMs) => {
        metrics.sent(work.consumer, verdict.type, tookMs);
        const fields = {
          consumer: work.consumer,
          key: work.key,
          version: work.version,
          eventId: work.eventId,
          verdict,
        };
        if (verdict.type === 'parked' || verdict.type === 'in-doubt')
          logger.warn({ ...fields, code: verdict.code }, verdict.message);
        else logger.debug(fields, `${work.operation}: ${verdict.type}`);
        this.#outbox?.wake();
      },
    });
    void this.#keepHouse();
  }

  /** At once, and not only when the first send fails. */
  async #tellWhoCannotSend(): Promise<void> {
    for (const { port } of this.#options.consumers) {
      const why = port.over === 'sql' ? await port.sender.cannotSend() : undefined;
      if (why !== undefined) this.#options.logger.error({ code: 'LEGACY_MARKER_MISSING' }, why);
    }
  }

  #targetOf(consumer: string): string {
    return this.#options.consumers.find(({ name }) => name === consumer)?.target ?? '';
  }

  #lanesOf(target: string): Lanes {
    return this.#lanes.get(target) ?? sharedLane([], 0);
  }

  #senders(): readonly Scheduler[] {
    return [...(this.#sending?.schedulers.values() ?? [])];
  }

  #wakeSenders(): void {
    for (const scheduler of this.#senders()) scheduler.wake();
  }

  async #keepHouse(): Promise<void> {
    const { store, consumers } = this.#options;
    const booked = consumers.map(({ name, sink }) => ({
      name,
      tallies: () => sink.tallies(),
      books: () => sink.books(),
    }));
    while (!this.#stopping.signal.aborted) {
      await pause(HOUSEKEEPING_MS, this.#stopping.signal);
      if (this.#stopping.signal.aborted) return;
      try {
        void this.#noteReceiptsRead();
        await keepHouse(store, () => this.#wakeSenders());
        this.#backlogs = await this.#look();
        await this.booksWatch.look(booked);
      } catch (error) {
        // An old number would look like a good one.
        this.#backlogs = new Map();
        this.booksWatch.forget();
        this.#warn(error, 'housekeeping');
      }
    }
  }

  /** Keys stand by their events, or by a send. */
  async #look(): Promise<ReadonlyMap<string, Backlog & { readonly unlike: number }>> {
    const { pool, consumers } = this.#options;
    const sends = await backlogs(
      pool,
      consumers.map(({ name }) => name),
    );
    const looked = new Map<string, Backlog & { readonly unlike: number }>();
    for (const { name, sink } of consumers) {
      const backlog = sends.get(name);
      const { keys, unlike } = await sink.standing();
      if (backlog !== undefined) looked.set(name, { ...backlog, parked: backlog.parked + keys, unlike });
    }
    return looked;
  }

  /** Tries until it works or the app stops (undefined). */
  #retried<T>(what: string, work: () => Promise<T>): Promise<T | undefined> {
    const onFailure = (error: unknown): void => {
      this.#waitsFor = `${what}: ${messageOf(error)}`;
      // Only another build mends it.
      if (isBanyanError(error) && error.code === 'POSTGRES_MIGRATION_CHANGED')
        this.#options.gaveUp.say('schema porter', error);
      this.#warn(error, `waiting to ${what}`);
    };
    return retried(work, { signal: this.#stopping.signal, everyMs: RETRY_MS, onFailure });
  }

  #warn(error: unknown, doing: string): void {
    const expected = isBanyanError(error);
    this.#options.logger.warn(expected ? { code: error.code } : { err: error }, `${doing}: ${messageOf(error)}`);
  }
}

function replaced(name: string): BanyanError {
  return new BanyanError(
    'PORTER_REPLACED',
    `Another process came up as ${name}, or an operator said that it is dead; this one sends nothing any more. Give each instance a name of its own (INSTANCE_NAME).`,
    { data: { name } },
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
