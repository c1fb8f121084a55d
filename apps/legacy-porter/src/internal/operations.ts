import { TOPIC_PARTITIONS } from '@banyan/contracts';
import type { ControlState, Pause } from '@banyan/control';
import { BanyanError } from '@banyan/core';
import type { RunningConsumer } from '@banyan/kafka';
import type { Pool } from '@banyan/postgres';
import { HttpProblem, type Log } from '@banyan/service';
import type { Replayed } from '@banyan/sink';
import type { AnyEntity } from '@banyan/transformer';
import { forget } from '../instance/incarnations.js';
import { type ConsumerReport, type PorterConsumer, reportOf, type Sends } from '../porter-consumer.js';
import type { DiscardSendOrder } from '../repairs/discard-send.js';
import type { DoubtOrder } from '../repairs/settle-doubt.js';
import type { SlowReason } from '../sending/slowness.js';
import type { PorterStore, SwitchMode } from '../store/porter-store.js';
import { type DrainReport, drainReport } from './drained.js';
import { positionsOf, type StoredPosition } from './positions.js';
import {
  type Instance,
  instances,
  type OpenIntent,
  openIntents,
  portsOff,
  standingSends,
  waitingSends,
  workCounts,
} from './reads.js';
import { notConfiguredReport, type SendAsked, type SendReport, sendFacts, sendReport } from './sends.js';

/** What of the running porter operators and other apps may see and do. */
export interface PorterView {
  /** Throws `PORTER_NOT_READY` (retryable) while the schema is not there yet. */
  pool(): Pool;
  /** Throws as `pool`. */
  store(): PorterStore;
  /** Throws `PORTER_NOT_READY` (retryable) while links and journal may lack what the receipts tell. */
  requireCaughtUp(): void;
  running(consumer: string): RunningConsumer | undefined;
  control(): ControlState;
  /** Who holds a consumer. */
  paused(consumer: string): Pause | undefined;
  sends(consumer: string): Sends;
  /** How hard each target is driven. */
  targets(): readonly TargetReport[];
  /** There may be work, or receipts. */
  wake(): void;
}

/** A target as `/internal/status` reports it. */
export interface TargetReport {
  readonly target: string;
  /** Sends in flight, how many there may be now (0 = it is left alone), and how many where nothing slows it down. */
  readonly inFlight: number;
  readonly limit: number;
  readonly max: number;
  /** 95 of 100 of its last answers took no longer, milliseconds; null = too few came. */
  readonly answerMs: number | null;
  /** What that should be at most; null = nobody said. */
  readonly objectiveMs: number | null;
  /** Why it is slower, as a word and in words; null = it is not. */
  readonly slowReason: SlowReason | null;
  readonly slowBecause: string | null;
}

/** A port that no porter runs, since this one was not told where to send. */
export interface PortNotConfigured {
  /** `order.billing` */
  readonly consumer: string;
  /** The variable that is missing. */
  readonly variable: string;
}

/** Keys that stand still, or are not as they should be, with the entity of each. */
export interface ParkedHere {
  /** By their state, by what they mean for a port, or by a send. */
  readonly parked: readonly object[];
  /** Sends that wait for another entity, and go on by themselves. */
  readonly waiting: readonly object[];
  /** Of which legacy's row is not what their state says. */
  readonly unlike: readonly object[];
}

export interface OperationsOptions {
  readonly porter: PorterView;
  /** Those that this process runs. */
  readonly consumers: readonly PorterConsumer[];
  /** Those that it would run. */
  readonly notConfigured: readonly PortNotConfigured[];
  /** All entities that are migrated: any instance answers for the journal of all, whichever it runs. */
  readonly known: readonly AnyEntity[];
  readonly logger: Pick<Log, 'warn'>;
}

export type LinksBy = { readonly legacyIds: readonly string[] } | { readonly keys: readonly string[] };

/** What the internal API does. Everything throws `PORTER_NOT_READY` and `POSTGRES_UNAVAILABLE` (both retryable). */
export class Operations {
  constructor(private readonly options: OperationsOptions) {}

  /** From the journal's own database, never a copy. The primary port's: no other has any. Throws `PORTER_ENTITY_UNKNOWN`. */
  async links(entity: string, by: LinksBy): Promise<readonly object[]> {
    await this.requireWhole(entity);
    return this.options.porter.store().alone.findLinks({ entity, port: this.port(entity, undefined).name, ...by });
  }

  /** Every send that may have reached legacy and is not closed. Throws `PORTER_ENTITY_UNKNOWN`. */
  async intents(entity: string): Promise<readonly OpenIntent[]> {
    await this.requireWhole(entity);
    return openIntents(this.options.porter.pool(), this.known(entity).name);
  }

  /** What became of one event at a port. @param port default: the primary one. Throws `PORTER_ENTITY_UNKNOWN`. */
  async send(
    entity: string,
    asked: Pick<SendAsked, 'key' | 'by'>,
    port?: string,
  ): Promise<SendReport & { readonly entity: string; readonly port: string; readonly key: string }> {
    const { name } = this.port(entity, port);
    const consumer = `${entity}.${name}`;
    const pool = this.options.porter.pool();
    const missing = (await this.notConfigured(pool)).find((one) => one.consumer === consumer);
    if (missing !== undefined) return { entity, port: name, key: asked.key, ...notConfiguredReport(missing.variable) };
    const facts = await sendFacts(pool, { consumer, entity, port: this.port(entity, undefined).name, ...asked });
    return { entity, port: name, key: asked.key, ...sendReport(facts) };
  }

  /**
   * Whether legacy has everything of the entity from before the fence that opened `epoch`: the primary port's, since what an import behind
   * a hand-back could undo is there alone. Throws `PORTER_ENTITY_UNKNOWN`.
   */
  async drained(entity: string, epoch: number): Promise<DrainReport> {
    const consumers = [`${entity}.${this.port(entity, undefined).name}`];
    return drainReport(this.options.porter.pool(), consumers, epoch, TOPIC_PARTITIONS);
  }

  async status(): Promise<{
    readonly consumers: readonly (ConsumerReport & {
      readonly port: SwitchMode;
      readonly positions: readonly StoredPosition[];
    })[];
    readonly targets: readonly TargetReport[];
    readonly notConfigured: readonly PortNotConfigured[];
  }> {
    const { porter } = this.options;
    const pool = porter.pool();
    const off = await portsOff(
      pool,
      this.options.consumers.map(({ name }) => name),
    );
    const consumers = await Promise.all(
      this.options.consumers.map(async (consumer) => {
        const [stored, books, sends, positions, progress] = await Promise.all([
          consumer.sink.status(),
          consumer.sink.books(),
          workCounts(pool, consumer.name),
          positionsOf(pool, consumer.name),
          consumer.repairs.progress(),
        ]);
        return {
          ...reportOf(consumer, { ...knownOf(porter, consumer.name), books, progress }, stored, sends),
          positions,
          port: off.has(consumer.name) ? ('off' as const) : ('on' as const),
        };
      }),
    );
    return { consumers, targets: porter.targets(), notConfigured: await this.notConfigured(pool) };
  }

  /** @param of one key of one entity alone */
  async parked(of?: { readonly entity: string; readonly key: string }): Promise<ParkedHere> {
    const pool = this.options.porter.pool();
    const meant = this.options.consumers.filter(({ port }) => of === undefined || port.entity.name === of.entity);
    const lists = await Promise.all(
      meant.map(async ({ name, sink, port, repairs }) => {
        const named = (all: readonly object[]) => all.map((one) => ({ ...one, entity: port.entity.name }));
        const standing = [...(await sink.parked(of?.key)), ...(await standingSends(pool, name, of?.key))];
        const waiting = await waitingSends(pool, name, of?.key);
        return { parked: named(standing), waiting: named(waiting), unlike: named(await repairs.unlike(of?.key)) };
      }),
    );
    return {
      parked: lists.flatMap(({ parked }) => parked),
      waiting: lists.flatMap(({ waiting }) => waiting),
      unlike: lists.flatMap(({ unlike }) => unlike),
    };
  }

  /** What stood and never goes on, the last of each port first; of a key, or of all. */
  async closed(key?: string): Promise<readonly object[]> {
    this.options.porter.pool();
    const lists = await Promise.all(
      this.options.consumers.map(async ({ sink, port }) =>
        (await sink.closed(key)).map((one) => ({ ...one, entity: port.entity.name })),
      ),
    );
    return lists.flat();
  }

  /**
   * Gives up what a key stands behind: a send, or what an event means for the port. Throws `PORTER_ENTITY_UNKNOWN`, and as `discardSend` and the
   * sink's discard. @param port default: the primary one
   */
  async discard(entity: string, order: DiscardSendOrder, port?: string): Promise<Replayed> {
    const { name, sink, repairs } = this.meant(entity, port);
    const { porter } = this.options;
    const first = await porter.store().transaction((tx) => tx.lockFirst(name, order.key));
    let done: Replayed = { replayed: 0, waiting: 0 };
    if (first?.eventId === order.eventId) await repairs.discard(order);
    else done = await sink.discard(order);
    porter.wake();
    return done;
  }

  /** A person says what became of a send in doubt. Throws `PORTER_ENTITY_UNKNOWN`, and as `settleDoubt`. @param port default: the primary one */
  async settle(entity: string, order: DoubtOrder, port?: string): Promise<void> {
    const { porter } = this.options;
    porter.pool();
    await this.meant(entity, port).repairs.settle(order);
    porter.wake();
  }

  /** Lets a key go on: its parked events, then its parked sends. @param port default: all of them. Throws `PORTER_ENTITY_UNKNOWN`. */
  async replay(entity: string, key: string, port?: string): Promise<Replayed> {
    const { porter, consumers } = this.options;
    const { alone } = porter.store();
    const meant = consumers.filter(
      (one) => one.port.entity.name === entity && (port === undefined || one.port.definition.name === port),
    );
    if (meant.length === 0) throw this.unknown(port === undefined ? entity : `${entity}.${port}`);
    let replayed = 0;
    let waiting = 0;
    // Of the first port where the key still stands; the others are in the list of what is parked.
    let error: Replayed['error'];
    for (const { name, sink } of meant) {
      const events = await sink.replay(key);
      replayed += events.replayed + (await alone.readyAgain(name, key));
      waiting += events.waiting;
      error ??= events.error;
    }
    porter.wake();
    return { replayed, waiting, ...(error === undefined ? {} : { error }) };
  }

  /** All that ever registered; any of them answers for all. */
  async porters(): Promise<readonly Instance[]> {
    return instances(this.options.porter.pool());
  }

  /** A person says that an instance is dead. Repeatable. Throws `PORTER_INSTANCE_UNKNOWN` and `PORTER_INSTANCE_ALIVE`. */
  async forget(name: string): Promise<{ readonly forgotten: string; readonly sends: number }> {
    const { porter, logger } = this.options;
    const { was, sends } = await forget(porter.store(), name);
    if (was === 'unknown') throw new HttpProblem(404, 'PORTER_INSTANCE_UNKNOWN', `No porter is called ${name}.`);
    if (was === 'alive') {
      throw new HttpProblem(
        409,
        'PORTER_INSTANCE_ALIVE',
        `${name} has shown itself in the last seconds; stop it first.`,
      );
    }
    if (was === 'silent')
      logger.warn({ name, sends }, `${name} is dead, says an operator; legacy is asked for its sends`);
    porter.wake();
    return { forgotten: name, sends };
  }

  /** Of those that this process does not run: another instance may have been told where to send, and has taken events in. */
  private async notConfigured(pool: Pool): Promise<readonly PortNotConfigured[]> {
    const nobodys: PortNotConfigured[] = [];
    for (const port of this.options.notConfigured) {
      if ((await positionsOf(pool, port.consumer)).length === 0) nobodys.push(port);
    }
    return nobodys;
  }

  /** One that this process runs. */
  private meant(entity: string, port: string | undefined): PorterConsumer {
    const consumer = `${entity}.${this.port(entity, port).name}`;
    const found = this.options.consumers.find(({ name }) => name === consumer);
    if (found === undefined) throw this.unknown(consumer);
    return found;
  }

  /**
   * A row that a porter made whose database was lost is known by a receipt, or as an open send once the log is folded that far. Until then
   * an importer would take it for nobody's.
   */
  private async requireWhole(entity: string): Promise<void> {
    const { porter } = this.options;
    const consumer = `${entity}.${this.port(entity, undefined).name}`;
    porter.requireCaughtUp();
    if (!(await porter.store().alone.isBehindLostPast(consumer))) return;
    throw new BanyanError(
      'PORTER_NOT_READY',
      `The porter's database was lost, and ${consumer} is being rebuilt from the log; ask again.`,
      { retryable: true },
    );
  }

  private known(entity: string): AnyEntity {
    const found = this.options.known.find(({ name }) => name === entity);
    if (found === undefined) throw this.unknown(entity);
    return found;
  }

  private port(entity: string, port: string | undefined): { readonly name: string } {
    const { ports } = this.known(entity).legacy;
    const found = ports.find((one) => (port === undefined ? one.primary : one.name === port));
    if (found === undefined) throw this.unknown(`${entity}.${port}`);
    return found;
  }

  private unknown(what: string): BanyanError {
    const runs = this.options.consumers.map(({ name }) => name);
    return new BanyanError('PORTER_ENTITY_UNKNOWN', `There is no ${what} here; this porter runs ${runs.join(', ')}.`, {
      data: { asked: what, runs },
    });
  }
}

function knownOf(porter: PorterView, consumer: string) {
  return {
    running: porter.running(consumer),
    paused: porter.paused(consumer),
    sends: porter.sends(consumer),
    control: porter.control(),
  };
}
