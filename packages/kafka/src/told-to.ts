import { type Clock, isBanyanError, systemClock } from '@banyan/core';
import type { KafkaEventLogOptions, LogStateChange } from './kafka-event-log.js';
import { errorType } from './kafkajs/error-type.js';

/** A process's log, as far as it is needed here. */
export interface LineLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

interface Line {
  readonly level: keyof LineLog;
  readonly message: string;
  readonly fields: object;
}

/** A line about what does not work comes once in so long; what is tried in a loop says the same several times a second. */
const QUIET_MS = 10_000;
const KEPT_MS = 600_000;
/** Of kafkajs' fields. Others hold bytes, stacks, or what nobody has looked at. */
const FIELDS = ['broker', 'groupId', 'topic', 'partition', 'error', 'retryCount'];

/**
 * What an event log tells of itself, as lines of a process's log: for `createKafkaEventLog`. It heals by itself and is a warning, kafkajs'
 * own errors too; why a consumer has crashed is the last word of the process that it ends (`onCrash`), and not said twice.
 */
export function toldTo(
  log: LineLog,
  clock: Pick<Clock, 'monotonic'> = systemClock,
): Required<Pick<KafkaEventLogOptions, 'onState' | 'onLog'>> {
  const seldom = quieted(clock);
  return {
    onState: (change) => {
      const line = lineOf(change);
      // A change is always told, or the last line would name a state that is over; the same trouble again is not.
      if (line.level === 'info') log.info(line.fields, line.message);
      else seldom(line, (fields) => log[line.level](fields, line.message));
    },
    onLog: ({ message, data }) => {
      const fields = Object.fromEntries(FIELDS.flatMap((name) => (isPlain(data[name]) ? [[name, data[name]]] : [])));
      seldom({ level: 'warn', message, fields }, (counted) => log.warn(counted, message));
    },
  };
}

function lineOf(change: LogStateChange): Line {
  if (change.part === 'consumer') {
    const { topic, group, state, error } = change;
    const why = state === 'crashed' ? undefined : error;
    return line(why === undefined ? 'info' : 'warn', `consumer ${group} is ${state}`, { topic, group, state }, why);
  }
  if (change.state === 'connected') return line('info', 'the appender is connected to Kafka', {});
  if (change.state === 'disconnected')
    return line('warn', 'the appender is not connected to Kafka', {}, change.error ?? '');
  const { topic, partition } = change;
  return line('warn', `records for ${topic} wait, Kafka did not take them`, { topic, partition }, change.error ?? '');
}

function line(level: keyof LineLog, what: string, fields: object, error?: unknown): Line {
  if (error === undefined) return { level, message: what, fields };
  const code = isBanyanError(error) ? error.code : errorType(error);
  const reason = error instanceof Error ? error.message : String(error);
  return { level, message: `${what}: ${reason}`, fields: code === undefined ? fields : { ...fields, code } };
}

/** Passes a line on unless the same was told a moment ago; the next one says how often it was not. */
function quieted(clock: Pick<Clock, 'monotonic'>): (line: Line, tell: (fields: object) => void) => void {
  const told = new Map<string, { readonly atMs: number; untold: number }>();
  return ({ level, message, fields }, tell) => {
    const nowMs = clock.monotonic();
    const last = told.get(`${level} ${message}`);
    if (last !== undefined && nowMs - last.atMs < QUIET_MS) {
      last.untold += 1;
      return;
    }
    // Messages name addresses and numbers: there is no end of different ones.
    for (const [key, { atMs }] of told) if (nowMs - atMs >= KEPT_MS) told.delete(key);
    told.set(`${level} ${message}`, { atMs: nowMs, untold: 0 });
    tell(last === undefined || last.untold === 0 ? fields : { ...fields, untold: last.untold });
  };
}

function isPlain(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}
