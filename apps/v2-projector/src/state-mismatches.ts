import { type Codec, MISMATCHES_TOPIC, plainHeaders, topicName } from '@banyan/contracts';
import { StateMismatchFound, type StateMismatchFoundData } from '@banyan/contracts/events/banyan.mismatch.v1';
import type { EventHandledData } from '@banyan/contracts/events/banyan.receipt.v1';
import type { Clock, NewId } from '@banyan/core';
import type { Appender, EventLog } from '@banyan/kafka';
import type { StoredState } from '@banyan/postgres';

export type StateMismatch = Omit<StateMismatchFoundData, 'instance' | 'foundAtMs'>;

/**
 * Whether a receipt tells of another state than V2 has at the very same version, made by the same version of the definition. Pure. Where one
 * of both is at another version there is nothing to compare: the next receipt of the key will tell.
 */
export function stateMismatch(receipt: EventHandledData, stored: StoredState | undefined): StateMismatch | undefined {
  const { entity, key, port, version, transformerVersion, stateHash: portHash, eventId } = receipt;
  if (stored === undefined || stored.parked || stored.appliedVersion !== version) return undefined;
  // A rollout that changes `evolve` folds again; until both have it their states may differ.
  if (stored.transformerVersion !== transformerVersion) return undefined;
  const v2Hash = stored.stateHash ?? null;
  if (v2Hash === portHash) return undefined;
  return { entity, key, port, version, transformerVersion, v2Hash, portHash, eventId };
}

export interface StateMismatchesOptions {
  readonly log: Pick<EventLog, 'appender'>;
  readonly codec: Pick<Codec, 'prepare' | 'encode'>;
  readonly prefix: string;
  readonly instance: string;
  readonly newId: NewId;
  readonly clock: Pick<Clock, 'now'>;
  onFound(mismatch: StateMismatch): void;
  onError(error: unknown): void;
}

/** Tells of a mismatch and appends it to `banyan.mismatches.v1`. Never throws, never waits; one that the log refuses is told all the same. */
export function stateMismatches(options: StateMismatchesOptions): (mismatch: StateMismatch) => void {
  let appender: Promise<Appender> | undefined;
  const append = async (mismatch: StateMismatch): Promise<void> => {
    const { log, codec, prefix, instance, newId, clock } = options;
    await codec.prepare();
    appender ??= log.appender();
    const timeMs = clock.now();
    const { name: type } = StateMismatchFound;
    await (await appender).append({
      topic: topicName(prefix, MISMATCHES_TOPIC),
      key: mismatch.key,
      value: codec.encode(type, { ...mismatch, instance, foundAtMs: timeMs }),
      headers: plainHeaders({
        id: newId(),
        type,
        source: `v2-projector/${instance}`,
        timeMs,
        subject: mismatch.key,
        causationId: mismatch.eventId,
      }),
    });
  };
  return (mismatch) => {
    options.onFound(mismatch);
    append(mismatch).catch(options.onError);
  };
}
