import { type Control, type OpenRebuild, openRebuild } from '@banyan/control';
import type { GiveUp, Log } from '@banyan/service';
import { lagOf } from '@banyan/sink';
import { Building } from './building.js';
import type { Projector } from './projector.js';
import type { ConsumerReport } from './projector-consumer.js';

export interface RebuildsOptions {
  readonly control: Control;
  /** The database of the running V2: asked for that one, nothing is built beside. */
  readonly running: string;
  /** A projector of everything that the running one projects, into another database and by groups of its own. */
  readonly projector: (database: string, gaveUp: GiveUp) => Projector;
  readonly logger: Log;
}

/** A V2 that is made anew, as `/internal/status` reports it. */
export interface RebuildReport extends OpenRebuild {
  /** Why it does not run; null = it does. */
  readonly waitsFor: string | null;
  /** All of its consumers run here, and none of them lags, in the partitions that this process has. */
  readonly caughtUp: boolean;
  readonly consumers: readonly ConsumerReport[];
}

/**
 * Makes V2 anew beside the running one, for as long as the control log asks for it. It shares nothing with the running one but the process:
 * database, groups and connections are its own, and what it cannot do fails neither readiness nor liveness.
 */
export class Rebuilds {
  readonly #options: RebuildsOptions;
  readonly #ending = new Set<Promise<void>>();
  #building: Building | undefined;
  #unsubscribe: (() => void) | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: RebuildsOptions) {
    this.#options = options;
  }

  start(): void {
    const { control } = this.#options;
    this.#unsubscribe = control.onChange(() => this.#look());
    void control.follow().then(() => this.#look());
  }

  /** Finishes what it is at, and leaves the groups. Repeatable. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  /** Null while nothing is made anew here. */
  async status(): Promise<RebuildReport | null> {
    const open = openRebuild(this.#options.control.state());
    const building = this.#building;
    if (open === undefined || building?.database !== open.database) return null;
    const { waitsFor, consumers } = await building.status();
    const caughtUp =
      waitsFor === null && consumers.every(({ state, lagRecords }) => state === 'running' && lagRecords === 0);
    return { ...open, waitsFor, caughtUp, consumers };
  }

  /** Records that it has not projected yet, in the partitions of this process; by consumer. */
  lag(): readonly { readonly database: string; readonly consumer: string; readonly records: number }[] {
    if (this.#building === undefined) return [];
    const { database, projector } = this.#building;
    return projector
      .names()
      .map((consumer) => ({ database, consumer, records: lagOf(projector.running(consumer)).lagRecords }));
  }

  async #stop(): Promise<void> {
    this.#unsubscribe?.();
    this.#end();
    await Promise.all(this.#ending);
  }

  #look(): void {
    const { control, running, projector, logger } = this.#options;
    // What was ended while the process was down is not known before.
    if (this.#stopped !== undefined || !control.caughtUp()) return;
    const open = openRebuild(control.state());
    const wanted = open?.database === running ? undefined : open;
    if (wanted?.database === this.#building?.database) return;
    this.#end();
    if (wanted === undefined) return;
    const { database } = wanted;
    logger.info(wanted, `V2 is made anew in ${database}, as ${wanted.by} asked`);
    this.#building = new Building({ database, projector: (gaveUp) => projector(database, gaveUp), logger });
  }

  #end(): void {
    const building = this.#building;
    if (building === undefined) return;
    this.#building = undefined;
    const { database } = building;
    const ended = building.stop().then(() => {
      this.#ending.delete(ended);
      this.#options.logger.info({ database }, `V2 is not made anew in ${database} any more; what is there stays`);
    });
    this.#ending.add(ended);
  }
}
