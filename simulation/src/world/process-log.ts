import type { LogRecord, NewRecord } from '@banyan/contracts';
import { BanyanError, isBanyanError } from '@banyan/core';
import type { Random } from '@banyan/core/testing';
import type {
  Appender,
  ConsumerOptions,
  EventLog,
  Position,
  RunningConsumer,
  SliceHandler,
  TopicSpec,
} from '@banyan/kafka';
import type { InMemoryEventLog } from '@banyan/kafka/testing';
import type { Scheduler } from '../platform/scheduler.js';
import type { Happenings } from './happenings.js';
import type { Process } from './process.js';
import { within } from './waiting.js';
import type { Weather } from './weather.js';

/** A member whose process says nothing for so long is out of its group, milliseconds. */
const SESSION_MS = 10_000;

export interface Wire {
  readonly log: InMemoryEventLog;
  readonly scheduler: Scheduler;
  readonly weather: Weather;
  readonly random: Random;
  readonly happenings: Happenings;
  /** By group and partition, the offset behind the last record that was handed to anybody. */
  readonly delivered: Map<string, bigint>;
}

/**
 * The log as one process reaches it: what it sends is on its way whatever becomes of it, answers come late or never, records are
 * appended twice, and its group throws it out when it has been silent for too long.
 */
export class ProcessLog implements EventLog {
  readonly #wire: Wire;
  readonly #process: Process;

  constructor(wire: Wire, process: Process) {
    this.#wire = wire;
    this.#process = process;
  }

  async appender(): Promise<Appender> {
    const inner = await this.#wire.log.appender();
    let latest: Promise<unknown> = Promise.resolve();
    return {
      append: (record, options = {}) => {
        // One send at a time, so that the order of acknowledgement is that of the log.
        const sent = latest.then(() => this.#append(inner, record));
        latest = sent.catch(() => undefined);
        return this.#beforeDeadline(sent, options.deadlineMs ?? 10_000);
      },
      oldestUnacknowledgedMs: () => 0,
      partitionOf: (topic, key) => inner.partitionOf(topic, key),
      close: (timeoutMs) => inner.close(timeoutMs),
    };
  }

  async consume(options: ConsumerOptions): Promise<RunningConsumer> {
    await this.#process.step(`join ${options.group}`);
    const { log, scheduler, happenings } = this.#wire;
    let thrownOut = 0;
    const member = await log.consume({ ...options, handler: this.#watched(options, () => thrownOut) });
    const leave = (): void => {
      thrownOut += 1;
      log.expire(member);
    };
    this.#process.onEnd(() => scheduler.addFor(undefined, SESSION_MS, leave));
    this.#process.onFreeze((forMs) => {
      if (forMs <= SESSION_MS) return;
      happenings.add('frozen past its session');
      scheduler.addFor(undefined, SESSION_MS, leave);
      // It goes on for a moment with what it believes to own.
      scheduler.addFor(this.#process, this.#wire.random.around(300), () => log.rejoin(member));
    });
    this.#storm(member, leave);
    return member;
  }

  /** The handler, seen from outside. @param thrownOut how often its member was thrown out of the group */
  #watched({ group, handler }: ConsumerOptions, thrownOut: () => number): SliceHandler {
    const { delivered, happenings } = this.#wire;
    return {
      position: (partition) => handler.position(partition),
      handle: async (slice) => {
        const { partition, records } = slice;
        const [before, place] = [thrownOut(), `${group}/${partition}`];
        const upTo = delivered.get(place) ?? 0n;
        happenings.add('record delivered again', records.filter(({ offset }) => offset < upTo).length);
        const next = (records.at(-1)?.offset ?? -1n) + 1n;
        if (next > upTo) delivered.set(place, next);
        try {
          await handler.handle(slice);
        } catch (error) {
          const late = thrownOut() > before && isBanyanError(error) && error.code === 'POSITION_TAKEN';
          if (late) happenings.add('zombie refused by the position');
          throw error;
        }
      },
    };
  }

  async *read(topic: string, partition: number, from: bigint, to: bigint): AsyncIterable<LogRecord> {
    await this.#process.step(`read ${topic}`);
    yield* this.#wire.log.read(topic, partition, from, to);
  }

  async ends(topic: string): Promise<readonly { partition: number; low: bigint; high: bigint }[]> {
    await this.#process.step(`ends of ${topic}`);
    return this.#wire.log.ends(topic);
  }

  createTopics(topics: readonly TopicSpec[]): Promise<void> {
    return this.#wire.log.createTopics(topics);
  }

  async close(): Promise<void> {}

  async #append(inner: Appender, record: NewRecord): Promise<Position> {
    const { scheduler, weather, random, happenings } = this.#wire;
    await this.#process.step(`append to ${record.topic}`);
    const { stepMs, appendTrouble, doubled } = weather.climate;
    // From here on it is on its way, and no longer the process's own.
    const written = new Promise<Position>((resolve, reject) => {
      const travelMs = random.chance(appendTrouble) ? random.around(8_000) : random.around(stepMs);
      scheduler.addFor(
        undefined,
        travelMs,
        () => void inner.append(record, { deadlineMs: Number.POSITIVE_INFINITY }).then(resolve, reject),
      );
      if (!random.chance(doubled)) return;
      const again = (): void => {
        happenings.add('record appended twice');
        inner.append(record, { deadlineMs: Number.POSITIVE_INFINITY }).catch(() => undefined);
      };
      scheduler.addFor(undefined, travelMs + random.around(5_000), again);
    });
    const position = await written;
    await this.#process.step(`appended to ${record.topic}`).catch(() => {
      // The connection broke behind it: the appender asks again until it knows.
    });
    return position;
  }

  #beforeDeadline<T>(work: Promise<T>, deadlineMs: number): Promise<T> {
    if (!Number.isFinite(deadlineMs)) return work;
    return within(work, deadlineMs, () => {
      this.#wire.happenings.add('answer to an append late');
      throw new BanyanError('LOG_UNKNOWN', `no answer within ${deadlineMs} ms`, { retryable: true });
    });
  }

  /** Thrown out and back, for no reason that the member could see. */
  #storm(member: RunningConsumer, leave: () => void): void {
    const { scheduler, weather, random, log, happenings } = this.#wire;
    const again = (): void => {
      scheduler.addFor(undefined, 1_000, () => {
        if (this.#process.dead) return;
        if (random.chance(weather.climate.rebalanced)) {
          happenings.add('thrown out of the group');
          leave();
          scheduler.addFor(this.#process, random.around(500), () => log.rejoin(member));
        }
        again();
      });
    };
    again();
  }
}
