import kafkajs, { type Message, type Producer } from 'kafkajs';
import { backOffMs, pause } from '../back-off.js';
import { errorType } from '../kafkajs/error-type.js';
import { notWritten, unknownFate } from '../log-errors.js';
import type { QueuedRecord } from './partition-queue.js';
import type { ProducerHolder } from './producer-holder.js';
import { sendVerdict } from './send-errors.js';
import type { AppenderSettings } from './settings.js';

const SEND_BACK_OFF = { firstMs: 50, maxMs: 1_500 };
/** How long the broker may wait for its replicas. */
const ACK_TIMEOUT_MS = 3_000;

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
  readonly records: readonly QueuedRecord[];
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
  const { topic, partition, records, triedBefore = false } = batch;
  const request = freeze(batch, settings.compressAboveBytes);
  let tried = triedBefore;
  for (let attempt = 0; !givingUp.aborted; attempt++) {
    let used: Producer | undefined;
    try {
      used = await producers.get();
      tried = true;
      const first = await baseOffset(used, request, settings.watchdogMs, givingUp);
      records.forEach((record, i) => {
        record.written({ partition, offset: first + BigInt(i) });
      });
      return;
    } catch (error) {
      if (givingUp.aborted) break;
      const verdict = sendVerdict(error);
      if (verdict === 'refused') return refuse(context, { ...batch, triedBefore: triedBefore || attempt > 0 }, error);
      context.onRetry(topic, partition, attempt, error);
      if (used !== undefined && (verdict === 'producer-lost' || error instanceof WatchdogError)) {
        producers.rebuild(used, error);
      }
      await pause(backOffMs(attempt, SEND_BACK_OFF), givingUp);
    }
  }
  for (const record of records) {
    record.refused(
      tried
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
  const { topic, records, triedBefore } = batch;
  const [only] = records;
  if (records.length > 1 || only === undefined) {
    for (const record of records) await deliver(context, { ...batch, records: [record] });
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

interface SendRequest {
  readonly topic: string;
  readonly compression: number;
  readonly messages: Message[];
}

function freeze({ topic, partition, records }: Batch, compressAboveBytes: number): SendRequest {
  const timestamp = String(Date.now());
  const bytes = records.reduce((sum, record) => sum + record.bytes, 0);
  const { ZSTD, None } = kafkajs.CompressionTypes;
  return {
    topic,
    compression: bytes > compressAboveBytes ? ZSTD : None,
    messages: records.map(({ key, value, headers }) => ({ key, value, headers, partition, timestamp })),
  };
}

async function baseOffset(
  producer: Producer,
  request: SendRequest,
  watchdogMs: number,
  givingUp: AbortSignal,
): Promise<bigint> {
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const watchdog = setTimeout(() => reject(new WatchdogError(`no answer within ${watchdogMs} ms`)), watchdogMs);
  const onGivingUp = () => reject(new Error('closed'));
  givingUp.addEventListener('abort', onGivingUp);
  try {
    const [answer] = await Promise.race([producer.send({ ...request, acks: -1, timeout: ACK_TIMEOUT_MS }), ended]);
    // An answer without an offset is no acknowledgement (kafkajs drops a partition it has no leader for from the request).
    if (answer?.baseOffset === undefined) throw new Error('the broker answered without an offset');
    return BigInt(answer.baseOffset);
  } finally {
    clearTimeout(watchdog);
    givingUp.removeEventListener('abort', onGivingUp);
  }
}
