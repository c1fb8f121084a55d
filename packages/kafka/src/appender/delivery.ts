import { backOffMs, pause } from '../back-off.js';
import { errorType } from '../kafkajs/error-type.js';
import { notWritten, unknownFate } from '../log-errors.js';
import { type RecordBatch, recordBatch } from '../record-batch/write-batch.js';
import type { BatchProducer } from './batch-producer.js';
import type { QueuedRecord } from './partition-queue.js';
import type { ProducerHolder } from './producer-holder.js';
import { sendVerdict } from './send-errors.js';
import type { AppenderSettings } from './settings.js';

const SEND_BACK_OFF = { firstMs: 50, maxMs: 1_500 };

export interface DeliveryContext {
  readonly producers: Pick<ProducerHolder, 'get' | 'rebuild'>;
  readonly settings: AppenderSettings;
  /** Aborted when the appender gives up what is left. */
  readonly givingUp: AbortSignal;
  onRetry(topic: string, partition: number, attempt: number, error: unknown): void;
}

class WatchdogError extends Error {}

export interface Batch {
  readonly topic: string;
  readonly partition: number;
  /** What the batch holds, from the first call on; none = what was to be sent was withdrawn. */
  take(): readonly QueuedRecord[];
  /** A larger batch with these records went unanswered: they may be in the log already. */
  readonly triedBefore?: boolean;
}

/**
 * Sends one batch of one partition until its fate is known: the same records, count and order on every attempt, whatever the
 * error was. Once another batch had gone out in its place, the broker would take that one for this one's repeat.
 * Never rejects; every record is settled when it resolves.
 */
export async function deliver(context: DeliveryContext, batch: Batch): Promise<void> {
  const { producers, settings, givingUp } = context;
  const { topic, partition, take } = batch;
  let frozen: Promise<RecordBatch> | undefined;
  // Its records are chosen when a request is about to go out, once.
  const freeze = async (): Promise<RecordBatch | undefined> => {
    if (take().length === 0) return undefined;
    frozen ??= recordBatch(take(), { timestampMs: Date.now(), compressAboveBytes: settings.compressAboveBytes });
    try {
      return await frozen;
    } catch (error) {
      // Nothing went out; kept, the failure would be that of every attempt.
      frozen = undefined;
      throw error;
    }
  };
  let mayBeWritten = batch.triedBefore ?? false;
  /** Who has these records under sequence numbers of his without having been told what became of them. */
  let leftOpenBy: BatchProducer | undefined;
  for (let attempt = 0; !givingUp.aborted; attempt++) {
    let used: BatchProducer | undefined;
    try {
      used = await producers.get();
      const first = await answered(used.send(topic, partition, freeze), settings.watchdogMs, givingUp);
      if (first === undefined) return;
      take().forEach((record, i) => {
        record.written({ partition, offset: first + BigInt(i) });
      });
      return;
    } catch (error) {
      const verdict = sendVerdict(error);
      if (frozen !== undefined && (givingUp.aborted || verdict !== 'refused')) {
        mayBeWritten = true;
        leftOpenBy = used ?? leftOpenBy;
      }
      if (givingUp.aborted) break;
      if (verdict === 'refused') {
        // What comes behind would have the sequence numbers of a batch that may be written, and pass for its repeat. Only with this producer:
        // a new one for each record of a batch that is refused would leave the sends of all other partitions without an answer as often.
        if (used !== undefined && used === leftOpenBy) producers.rebuild(used, error);
        return refuse(context, { ...batch, triedBefore: mayBeWritten }, error);
      }
      context.onRetry(topic, partition, attempt, error);
      if (used !== undefined && (verdict === 'producer-lost' || error instanceof WatchdogError)) {
        producers.rebuild(used, error);
      }
      await pause(backOffMs(attempt, SEND_BACK_OFF), givingUp);
    }
  }
  for (const record of take()) {
    record.refused(
      mayBeWritten
        ? unknownFate(topic, 'the appender was closed while the record was on its way')
        : notWritten(
            'stopping',
            topic,
            'the appender was closed before the record was sent; append it again elsewhere.',
          ),
    );
  }
}

/** A refused batch is split, in order, so that one bad record does not take its neighbours with it. */
async function refuse(context: DeliveryContext, batch: Batch, error: unknown): Promise<void> {
  const { topic, triedBefore } = batch;
  const records = batch.take();
  const [only] = records;
  if (records.length > 1 || only === undefined) {
    for (const record of records) await deliver(context, { ...batch, take: () => [record] });
    return;
  }
  const said = `the broker said ${errorType(error)}`;
  // An earlier attempt without an answer may have been written before the broker began to refuse (a revoked permission).
  only.refused(
    triedBefore
      ? unknownFate(topic, `an attempt went unanswered, then ${said}`, error)
      : notWritten('refused', topic, `${said}; mend the record, the topic or the permission.`, error),
  );
}

/** What `work` comes to, unless it says nothing for too long, or the appender gives up. */
async function answered<T>(work: Promise<T>, watchdogMs: number, givingUp: AbortSignal): Promise<T> {
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const watchdog = setTimeout(() => reject(new WatchdogError(`no answer within ${watchdogMs} ms`)), watchdogMs);
  const onGivingUp = () => reject(new Error('closed'));
  givingUp.addEventListener('abort', onGivingUp);
  try {
    return await Promise.race([work, ended]);
  } finally {
    clearTimeout(watchdog);
    givingUp.removeEventListener('abort', onGivingUp);
  }
}
