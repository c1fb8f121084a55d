import { type Codec, MISMATCHES_TOPIC, plainHeaders, topicName } from '@banyan/contracts';
import { MismatchFound, type MismatchFoundData } from '@banyan/contracts/events/banyan.mismatch.v1';
import type { Clock, NewId } from '@banyan/core';
import type { Appender, EventLog } from '@banyan/kafka';

/** Where confirmed differences go. */
export interface Mismatches {
  /** Never throws, never waits. */
  found(mismatch: MismatchFoundData): void;
  /** The last ones, newest first. */
  last(): readonly MismatchFoundData[];
}

export interface MismatchesOptions {
  readonly log: Pick<EventLog, 'appender'>;
  readonly codec: Pick<Codec, 'prepare' | 'encode'>;
  readonly topicPrefix: string;
  readonly instance: string;
  readonly newId: NewId;
  readonly clock: Clock;
  onError(error: unknown): void;
}

const KEPT = 100;

/** Appends to `banyan.mismatches.v1` and keeps the last ones for status. One that the log refuses is told, and kept here all the same. */
export function mismatchLog(options: MismatchesOptions): Mismatches {
  const kept: MismatchFoundData[] = [];
  let appender: Promise<Appender> | undefined;
  const append = async (mismatch: MismatchFoundData): Promise<void> => {
    const { log, codec, topicPrefix, instance, newId, clock } = options;
    await codec.prepare();
    appender ??= log.appender();
    const subject = `${mismatch.entity}.${mismatch.route}`;
    await (await appender).append({
      topic: topicName(topicPrefix, MISMATCHES_TOPIC),
      key: subject,
      value: codec.encode(MismatchFound.name, mismatch),
      headers: plainHeaders({
        id: newId(),
        type: MismatchFound.name,
        source: `legacy-api-proxy/${instance}`,
        timeMs: clock.now(),
        subject,
      }),
    });
  };
  return {
    found(mismatch) {
      kept.unshift(mismatch);
      kept.length = Math.min(kept.length, KEPT);
      append(mismatch).catch(options.onError);
    },
    last: () => [...kept],
  };
}
