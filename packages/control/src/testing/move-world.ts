import { CONTROL_TOPIC, readKind, topicName } from '@banyan/contracts';
import { inMemoryCodec } from '@banyan/contracts/testing';
import { type Authority, FIRST_AUTHORITY, foldMarker, newId, systemClock } from '@banyan/core';
import { InMemoryEventLog } from '@banyan/kafka/testing';
import { appendMarker } from '../authority/append-marker.js';
import { type DriveOptions, driveMove, type MovePorts, type MoveResult } from '../authority/drive-move.js';
import type { Control } from '../control.js';
import { CONTROL_TYPES } from '../control-event.js';
import { createControl } from '../create-control.js';

export const TOPIC = 'northwind.order.v1';
const PARTITIONS = 3;

/** Thrown where a driver is killed. */
export class Killed extends Error {}

/** How often a driver may act on the world before it is killed; `after` = the last act still took place. */
export interface Death {
  readonly at: number;
  readonly after: boolean;
}

/** A log in memory with the real control log and the real fold of markers in it, and drivers that die where they are told. */
export class MoveWorld {
  readonly log = new InMemoryEventLog();
  /** What legacy does not have yet. */
  unsettled: string[] = [];
  /** Longest life of a request at legacy, milliseconds. */
  settleAfterMs = 20;
  /** How many looks pass before a marker is seen to be folded. */
  foldsAfterLooks = 0;
  /** Acts of the driver that ran last. */
  acts = 0;
  /** How often drivers have looked at the stored epochs. */
  looks = 0;
  readonly #controls: Control[] = [];

  static async open(): Promise<MoveWorld> {
    const world = new MoveWorld();
    await world.log.createTopics([
      { name: CONTROL_TOPIC, partitions: 1 },
      { name: TOPIC, partitions: PARTITIONS },
    ]);
    return world;
  }

  async control(instance: string): Promise<Control> {
    const codec = await inMemoryCodec(CONTROL_TYPES);
    const { log } = this;
    const control = createControl({ log, codec, topicPrefix: '', instance, newId, clock: systemClock, pollMs: 1 });
    this.#controls.push(control);
    await control.follow();
    return control;
  }

  /** A proxy that prepares as soon as it is asked. */
  async proxy(name = 'legacy-api-proxy-0'): Promise<Control> {
    const control = await this.control(name);
    await control.join({ app: 'legacy-api-proxy', url: null });
    control.onChange(() => control.prepared('order').catch(() => undefined));
    return control;
  }

  /** A new driver process. Rejects with `Killed` where its death says so. */
  async drive(
    goal: DriveOptions['goal'],
    { death, ...more }: Partial<DriveOptions> & { death?: Death } = {},
  ): Promise<MoveResult> {
    const control = await this.control(more.by ?? 'ann');
    let acts = 0;
    const mortal = async <T>(act: () => Promise<T>): Promise<T> => {
      acts += 1;
      this.acts = acts;
      if (death?.at === acts && !death.after) throw new Killed();
      const result = await act();
      if (death?.at === acts) throw new Killed();
      return result;
    };
    const ports = await this.ports();
    const dying: Control = { ...methodsOf(control), append: (...args) => mortal(() => control.append(...args)) };
    try {
      return await driveMove({
        entity: 'order',
        by: 'ann',
        clock: systemClock,
        patienceMs: 60_000,
        ...more,
        control: dying,
        goal,
        ports: { ...ports, mark: (marker) => mortal(() => ports.mark(marker)) },
      });
    } finally {
      await control.close();
    }
  }

  async ports(): Promise<MovePorts> {
    const appender = await this.log.appender();
    const target = {
      log: this.log,
      appender,
      topic: TOPIC,
      topicPrefix: '',
      source: 'test',
      newId,
      clock: systemClock,
    };
    let looksSinceMark = this.foldsAfterLooks;
    let seen = { lowest: 0, highest: 0 };
    return {
      epochs: async () => {
        this.looks += 1;
        looksSinceMark += 1;
        if (looksSinceMark <= this.foldsAfterLooks) return [{ consumer: 'order', ...seen }];
        const epochs = this.authorities().map(({ epoch }) => epoch);
        seen = { lowest: Math.min(...epochs), highest: Math.max(...epochs) };
        return [{ consumer: 'order', ...seen }];
      },
      mark: (marker) => {
        looksSinceMark = 0;
        return appendMarker(target, marker);
      },
      unsettled: async () => this.unsettled,
      settleAfterMs: this.settleAfterMs,
    };
  }

  /** The authority of every partition, folded from the markers that lie in it. */
  authorities(): readonly Authority[] {
    const all = Array.from({ length: PARTITIONS }, () => FIRST_AUTHORITY);
    for (const record of this.log.records(topicName('', TOPIC))) {
      const kind = readKind(record);
      if (kind.type === 'marker') {
        all[record.partition] = foldMarker(all[record.partition] ?? FIRST_AUTHORITY, kind.marker);
      }
    }
    return all;
  }

  /** The epochs of the markers that lie in the log. */
  markedEpochs(): readonly number[] {
    const kinds = this.log.records(TOPIC).map((record) => readKind(record));
    return [...new Set(kinds.flatMap((kind) => (kind.type === 'marker' ? [kind.marker.epoch] : [])))].sort(
      (a, b) => a - b,
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.#controls.map((control) => control.close()));
    await this.log.close();
  }
}

/** A control's methods, bound, so that one of them can be replaced. */
function methodsOf(control: Control): Control {
  return {
    incarnation: control.incarnation,
    follow: () => control.follow(),
    state: () => control.state(),
    caughtUp: () => control.caughtUp(),
    lastError: () => control.lastError(),
    sinceTriedMs: () => control.sinceTriedMs(),
    onChange: (listener) => control.onChange(listener),
    until: (predicate, timeoutMs) => control.until(predicate, timeoutMs),
    append: (...args) => control.append(...args),
    history: (subject) => control.history(subject),
    join: (party) => control.join(party),
    leave: () => control.leave(),
    prepared: (entity) => control.prepared(entity),
    close: () => control.close(),
  };
}
