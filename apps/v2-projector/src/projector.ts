import { TOPIC_PARTITIONS } from '@banyan/contracts';
import {
  type Control,
  consumerControl,
  controlLive,
  endResync,
  obeyPauses,
  type Pause,
  wantedResync,
} from '@banyan/control';
import { BanyanError, isBanyanError, systemClock } from '@banyan/core';
import {
  consumersLive,
  consumersReady,
  type EventLog,
  type RunningConsumer,
  together,
  type Vitality,
} from '@banyan/kafka';
import {
  type ClosedEntry,
  type Migration,
  migrate,
  type ParkedEntry,
  type Pool,
  prepareOffsets,
  type UnlikeKey,
} from '@banyan/postgres';
import { atMost, type GiveUp, type HealthCheck, type Log, pause, retried } from '@banyan/service';
import { BooksWatch, type DiscardOrder, lagOf, type Replayed, runResync, type Standing } from '@banyan/sink';
import { type ConsumerReport, type ProjectorConsumer, reportOf } from './projector-consumer.js';
import { V2_SCHEMA } from './v2-migrations.js';

export interface ProjectorOptions {
  readonly pool: Pool;
  readonly log: EventLog;
  /** Where consumers are paused. */
  readonly control: Control;
  /** Closes the log, and what else is this projector's alone, behind its consumers. */
  readonly close: () => Promise<void>;
  readonly migrations: readonly Migration[];
  readonly consumers: readonly ProjectorConsumer[];
  readonly logger: Log;
  /** Hears of what cannot go on; whoever runs the app ends it then. */
  readonly gaveUp: GiveUp;
}

/**
 * Larger than those of other consumers, since of a key all events of a slice become one row; fewer at once, since all that a slice is about stays
 * in memory until it is committed; and slower, since who is so far behind gains nothing from smaller ones.
 */
const SLICES = { maxSliceRecords: 20_000, slicesAtOnce: 3, slowSliceMs: 2_000 };
/** Between two tries of the start, and between two lines about what is being waited for, milliseconds. */
const RETRY_MS = 2_000;
const REPORT_MS = 5_000;
/** Between two looks at what stands, for the metrics. */
const LOOK_MS = 5_000;
/** With the closing behind it below the 10 s after which the process is ended. */
const STOP_MS = 5_000;
const CLOSE_MS = 1_500;

/** One key of one entity alone. */
interface Asked {
  readonly entity: string;
  readonly key: string;
}

/**
 * The app behind its HTTP shell. Lifecycle: waiting (for PostgreSQL, to migrate) -> running -> stopping. It never ends because
 * something else is away: it waits, says so every few seconds, and goes on. What no waiting mends it says to `gaveUp`.
 */
export class Projector {
  readonly #options: ProjectorOptions;
  readonly #running = new Map<string, RunningConsumer>();
  readonly #stopping = new AbortController();
  #waitsFor: string | undefined = 'the start';
  #begun: Promise<void> = Promise.resolve();
  #saying: Promise<void> = Promise.resolve();
  #looking: Promise<void> = Promise.resolve();
  #standing: ReadonlyMap<string, Standing> = new Map();
  #drained: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;
  #pauses: ReturnType<typeof obeyPauses> | undefined;
  #resyncs: Promise<unknown> = Promise.resolve();

  constructor(options: ProjectorOptions) {
    this.#options = options;
  }

  /** Returns at once; readiness tells when everything runs. */
  start(): void {
    const { control, consumers } = this.#options;
    this.#pauses = obeyPauses({
      control,
      consumers: () =>
        new Map(
          consumers.flatMap(({ name, controlName }) => {
            const running = this.#running.get(name);
            return running === undefined ? [] : [[controlName, running] as const];
          }),
        ),
      onChange: (consumer, pause) => this.#tellOfPause(consumer, pause),
    });
    this.#begun = this.#begin();
    this.#saying = this.#sayWhatIsWaitedFor();
    this.#looking = this.#lookWhatStands();
  }

  /** Finishes the slices under way, commits and leaves the groups, while questions are still answered. Repeatable. */
  drain(): Promise<void> {
    this.#drained ??= this.#drain();
    return this.#drained;
  }

  /** Repeatable. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    const { pool, close } = this.#options;
    const until = performance.now() + STOP_MS;
    const leftMs = () => Math.max(CLOSE_MS, until - performance.now());
    await this.drain();
    // Each bounded, by what draining did not need: what is away is not waited for, and nothing of it is needed any more.
    await atMost(leftMs(), close());
    await atMost(leftMs(), pool.end());
  }

  /** Resolves when the store is migrated and every consumer has been started, or when the app stops before. */
  begun(): Promise<void> {
    return this.#begun;
  }

  /** What the start is held up by; undefined = all runs. */
  get waitsFor(): string | undefined {
    return this.#waitsFor;
  }

  /** The consumer of a name, once it runs; for tests and metrics. */
  running(name: string): RunningConsumer | undefined {
    return this.#running.get(name);
  }

  /** Who holds a consumer, as the control log says. */
  paused(name: string): Pause | undefined {
    const controlName = this.#options.consumers.find((consumer) => consumer.name === name)?.controlName ?? '';
    return consumerControl(this.#options.control.state(), controlName).paused;
  }

  /** What stood a few seconds ago; undefined = it could not be looked at. */
  standing(name: string): Standing | undefined {
    return this.#standing.get(name);
  }

  /** What was counted a few seconds ago. */
  readonly booksWatch = new BooksWatch(systemClock);

  names(): readonly string[] {
    return this.#options.consumers.map(({ name }) => name);
  }

  async status(): Promise<readonly ConsumerReport[]> {
    return Promise.all(
      this.#options.consumers.map(async (consumer) =>
        reportOf(
          consumer,
          {
            running: this.#running.get(consumer.name),
            paused: this.paused(consumer.name),
            control: this.#options.control.state(),
            progress: await consumer.repairs?.progress(),
          },
          await consumer.stored(),
          await consumer.books(),
        ),
      ),
    );
  }

  /** What stands. @param of one key of one entity alone */
  async parked(of?: Asked): Promise<readonly ParkedEntry[]> {
    return (await Promise.all(this.#asked(of).map((consumer) => consumer.parked(of?.key)))).flat();
  }

  /** What stood and never goes on, the last of each consumer first; of a key, or of all. */
  async closed(key?: string): Promise<readonly ClosedEntry[]> {
    const lists = await Promise.all(this.#options.consumers.map((consumer) => consumer.closed(key)));
    return lists.flat();
  }

  #asked(of: Asked | undefined): readonly ProjectorConsumer[] {
    return this.#options.consumers.filter(({ name }) => of === undefined || name === of.entity);
  }

  /** Lets a parked key go on; entities that are not run here have nothing parked here. Throws what the sink's replay throws. */
  async replay(entity: string, key: string): Promise<Replayed> {
    const consumer = this.#options.consumers.find(({ name }) => name === entity);
    return consumer?.replay(key) ?? { replayed: 0, waiting: 0 };
  }

  /** Throws what the sink's discard throws. */
  async discard(entity: string, order: DiscardOrder): Promise<Replayed> {
    const repairs = this.#options.consumers.find(({ name }) => name === entity)?.repairs;
    if (repairs !== undefined) return repairs.discard(order);
    throw new BanyanError(
      'SINK_NOT_STANDING',
      `Nothing of ${entity} ever stands here: what cannot be read blocks nothing.`,
    );
  }

  /** Keys whose rows are not what their state says. */
  async unlike(of?: Asked): Promise<readonly UnlikeKey[]> {
    return (await Promise.all(this.#asked(of).map(({ repairs }) => repairs?.unlike(of?.key) ?? []))).flat();
  }

  readonly health: HealthCheck = {
    name: 'projector',
    // Who stops is ended by its own deadline; its consumers are over then, and that is as it should be.
    live: () =>
      this.#stopping.signal.aborted
        ? { ok: true }
        : together(consumersLive([...this.#running.values()]), controlLive(this.#options.control)),
    ready: () =>
      this.#waitsFor === undefined
        ? together(consumersReady([...this.#running.values()]), this.#controlReady())
        : { ok: false, reason: `waits: ${this.#waitsFor}` },
  };

  async #drain(): Promise<void> {
    this.#stopping.abort();
    this.#pauses?.stop();
    await Promise.all([
      atMost(STOP_MS, this.#begun),
      this.#saying,
      atMost(STOP_MS, this.#looking),
      atMost(STOP_MS, this.#resyncs),
    ]);
    await Promise.all([...this.#running.values()].map((consumer) => consumer.stop(STOP_MS)));
  }

  async #begin(): Promise<void> {
    const { pool, log, migrations, consumers, logger, gaveUp } = this.#options;
    const migrated = await this.#retried('migrate schema v2', async () => {
      const ran = await migrate(pool, V2_SCHEMA, migrations);
      for (const { name } of consumers) await prepareOffsets(pool, V2_SCHEMA, name, TOPIC_PARTITIONS);
      return ran;
    });
    if (migrated === undefined) return;
    logger.info({ ran: migrated }, 'schema v2 is up to date');
    this.#resyncs = Promise.all(consumers.map((consumer) => this.#resync(consumer)));
    for (const { name, topic, group, handler } of consumers) {
      if (this.#stopping.signal.aborted) return;
      const onCrash = (error: Error) => gaveUp.say(`consumer ${group}`, error);
      const consumer = await log.consume({
        topic,
        group,
        handler,
        partitions: TOPIC_PARTITIONS,
        ...SLICES,
        paused: true,
        onCrash,
      });
      this.#running.set(name, consumer);
      this.#pauses?.look();
    }
    this.#waitsFor = undefined;
  }

  /** Carries out what the control log asks of a consumer, until the app stops. */
  async #resync({ controlName, repairs }: ProjectorConsumer): Promise<void> {
    if (repairs === undefined) return;
    const { control, logger } = this.#options;
    const running = runResync({
      wanted: () => wantedResync(control, controlName),
      // Rows are there when their batch is committed.
      underWay: async () => 0,
      batch: repairs.batch,
      finished: async (progress) => {
        await endResync(control, controlName, progress);
        logger.info({ consumer: controlName, ...progress }, `${controlName} has made its rows anew`);
      },
      onError: (error) =>
        logger.warn({ code: codeOf(error), consumer: controlName }, `making rows anew: ${messageOf(error)}`),
      clock: systemClock,
      stopping: this.#stopping.signal,
    });
    const unsubscribe = control.onChange(running.wake);
    void control.follow().then(running.wake);
    await running.done;
    unsubscribe();
  }

  /** Once: later it is only away, and what it said last holds. */
  #controlReady(): Vitality {
    const { control } = this.#options;
    if (control.caughtUp()) return { ok: true };
    return {
      ok: false,
      reason: `waits to read the control log: ${control.lastError()?.message ?? 'it is being read'}`,
    };
  }

  #tellOfPause(consumer: string, pause: Pause | undefined): void {
    const words =
      pause === undefined
        ? 'goes on'
        : `is paused by ${pause.by} since ${pause.at}: ${pause.reason ?? 'no reason given'}`;
    this.#options.logger.info({ consumer, ...pause }, `consumer ${consumer} ${words}`);
  }

  /** Tries until it works or the app stops (undefined). */
  #retried<T>(what: string, work: () => Promise<T>): Promise<T | undefined> {
    const onFailure = (error: unknown): void => {
      this.#waitsFor = `${what}: ${messageOf(error)}`;
      // Only another build mends it.
      if (isBanyanError(error) && error.code === 'POSTGRES_MIGRATION_CHANGED')
        this.#options.gaveUp.say('schema v2', error);
      this.#options.logger.warn({ code: codeOf(error) }, `waiting to ${this.#waitsFor}`);
    };
    return retried(work, { signal: this.#stopping.signal, everyMs: RETRY_MS, onFailure });
  }

  async #lookWhatStands(): Promise<void> {
    const { consumers } = this.#options;
    const { signal } = this.#stopping;
    for (; !signal.aborted; await pause(LOOK_MS, signal)) {
      try {
        const looks = consumers.map(async ({ name, standing }) => [name, await standing()] as const);
        this.#standing = new Map(await Promise.all(looks));
        await this.booksWatch.look(consumers);
      } catch {
        // Not there yet, or away: the consumers say so, and an old number would look like a good one.
        this.#standing = new Map();
        this.booksWatch.forget();
      }
    }
  }

  async #sayWhatIsWaitedFor(): Promise<void> {
    const { logger } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await pause(REPORT_MS, signal);
      if (signal.aborted) return;
      // One line per reason: when PostgreSQL is away, all consumers say the same.
      const failing = [...this.#running].filter(([, running]) => running.lastError() !== undefined);
      for (const [reason, same] of Map.groupBy(failing, ([, running]) => messageOf(running.lastError()))) {
        const code = codeOf(same[0]?.[1].lastError());
        const lagRecords = same.reduce((sum, [, running]) => sum + lagOf(running).lagRecords, 0);
        logger.warn({ code, consumers: same.map(([name]) => name), lagRecords }, `waiting: ${reason}`);
      }
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function codeOf(error: unknown): string {
  return isBanyanError(error) ? error.code : 'PROJECTOR_WAITS';
}
