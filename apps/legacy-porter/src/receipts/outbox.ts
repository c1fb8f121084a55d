import { type Codec, type NewRecord, plainHeaders, RECEIPTS_TOPIC, topicName } from '@banyan/contracts';
import { EventHandled } from '@banyan/contracts/events/banyan.receipt.v1';
import { systemTimers, type Timers } from '@banyan/core';
import type { Appender } from '@banyan/kafka';
import { atMost } from '@banyan/service';
import { type Rounds, startRounds } from '../rounds.js';
import type { PorterStore, WaitingReceipt } from '../store/porter-store.js';

export interface OutboxOptions {
  readonly store: PorterStore;
  readonly codec: Codec;
  readonly appender: Appender;
  readonly prefix: string;
  /** The instance whose receipts these are. */
  readonly writer: string;
  readonly onError: (error: unknown) => void;
  /** Default: the machine's. */
  readonly timers?: Timers;
}

/** To be woken when there may be receipts. */
export type Outbox = Rounds;

/** How often receipts are looked for that nobody announced (another process's, a failed try), milliseconds. */
const POLL_MS = 1_000;
/** Receipts that are on their way to the log at most. */
const MOST = 500;

/**
 * Appends receipts and forgets them once the log has them. A crash in between appends them again, under the same id: whoever reads
 * receipts takes a repeat for what it is.
 */
export function startOutbox(options: OutboxOptions): Outbox {
  const { appender, writer, onError, timers = systemTimers } = options;
  const { alone } = options.store;
  // With the appender, or in the log and not forgotten yet. What is on its way is never appended beside: with Kafka away each try would
  // leave another copy in the appender's queue, and all of them are written when Kafka is back.
  const underWay = new Set<number>();
  const inLog: number[] = [];

  const forget = async (): Promise<void> => {
    const ids = [...inLog];
    if (ids.length === 0) return;
    await alone.forgetReceipts(ids);
    inLog.splice(0, ids.length);
    for (const id of ids) underWay.delete(id);
  };

  const append = async (row: WaitingReceipt): Promise<void> => {
    underWay.add(row.id);
    try {
      await appender.append(recordOf(row, options), { deadlineMs: Number.POSITIVE_INFINITY });
      inLog.push(row.id);
    } catch (error) {
      underWay.delete(row.id);
      throw error;
    }
  };

  /** Answers whether there may be more. */
  const flush = async (): Promise<boolean> => {
    await forget();
    const room = MOST - underWay.size;
    if (room === 0) return false;
    const rows = await alone.waitingReceipts(writer, [...underWay], room);
    let written: boolean | undefined;
    const appended = Promise.allSettled(rows.map(append)).then((results) => {
      const failure = results.find((result) => result.status === 'rejected');
      if (failure !== undefined) onError(failure.reason);
      written = failure === undefined;
    });
    // A partition that does not answer keeps its own receipts waiting, not the others'.
    await atMost(POLL_MS, appended, timers);
    if (written === undefined) void appended.then(() => rounds.wake());
    await forget();
    return written === true && rows.length === room;
  };

  const rounds = startRounds(
    () =>
      flush().catch((error: unknown) => {
        onError(error);
        return false;
      }),
    POLL_MS,
    timers,
  );
  return {
    wake: rounds.wake,
    stop: async () => {
      await rounds.stop();
      // What was noted last, by the sends that were waited for.
      await flush().catch(onError);
    },
  };
}

function recordOf(row: WaitingReceipt, { codec, prefix, writer }: OutboxOptions): NewRecord {
  return {
    topic: topicName(prefix, RECEIPTS_TOPIC),
    key: row.key,
    value: codec.encode(EventHandled.name, { rowHash: null, whole: false, ...row.body }),
    headers: headersOf(row, writer),
  };
}

function headersOf({ receiptId, key, body, trace }: WaitingReceipt, writer: string): Record<string, string> {
  return plainHeaders({
    id: receiptId,
    type: EventHandled.name,
    source: `legacy-porter/${writer}`,
    timeMs: body.atMs,
    subject: key,
    causationId: body.eventId,
    correlationId: trace.correlationId,
    traceparent: trace.traceparent,
    hops: (trace.hops ?? 0) + 1,
  });
}
