import { type Codec, HEADER, type LogRecord, RECEIPTS_TOPIC, topicName } from '@banyan/contracts';
import { EventHandled, type EventHandledData } from '@banyan/contracts/events/banyan.receipt.v1';
import { BanyanError, isBanyanError } from '@banyan/core';
import type { EventLog } from '@banyan/kafka';
import type { PorterStore } from '../store/porter-store.js';
import { type Learner, learn } from './learn.js';
import type { LostPast } from './lost-past.js';

export interface CatchUpOptions {
  readonly store: PorterStore;
  readonly log: Pick<EventLog, 'ends' | 'read'>;
  readonly codec: Pick<Codec, 'decode'>;
  readonly prefix: string;
  /** Under whose name what may be at legacy is journalled. */
  readonly writer: string;
  readonly learners: readonly Learner[];
  /** Where the topic that a consumer folds ends now, by partition. */
  endsOf(consumer: string): Promise<ReadonlyMap<number, bigint>>;
  readonly lostPast: LostPast;
  /** @param receipts that told something new */
  readonly onLearned: (consumer: string, receipts: number) => void;
}

/** Receipts that are taken over in one transaction. */
const BATCH = 500;

/**
 * Reads the receipts that lie behind what this database knows of, before anything is sent. A receipt is noted in the transaction that makes
 * it true and appended later, so a database that lost nothing learns nothing. One that was lost, or put back to an earlier day, learns
 * which sends were made: they are not made again. What no receipt tells may have been made all the same, its receipt lost with the
 * database: sends up to the end of the log are looked up at legacy before they are made.
 *
 * Repeatable, also by several porters at once; an interrupted one goes on where it stood. Throws `PORTER_DATABASE_MIXED` and
 * `PORTER_RECEIPTS_GONE`, which no repeat heals, and what log, registry and store throw.
 */
export async function catchUpWithReceipts(given: CatchUpOptions): Promise<void> {
  const options = { ...given, endsOf: askedOnce(given.endsOf) };
  const { store, log, prefix, learners, lostPast } = options;
  const consumers = learners.map(({ consumer }) => consumer);
  const read = await store.alone.receiptsRead(consumers);
  const [mixed] = await store.alone.mixed(consumers.filter((consumer) => !read.has(consumer)));
  if (mixed !== undefined) throw databaseMixed(mixed);
  const topic = topicName(prefix, RECEIPTS_TOPIC);
  const learned = new Map<string, number>();
  for (const { partition, low, high } of await log.ends(topic)) {
    const positions = new Map(consumers.map((consumer) => [consumer, read.get(consumer)?.get(partition) ?? 0n]));
    const from = earliest([...positions.values(), high]);
    for (const [consumer, next] of positions) if (next > high) throw receiptsGone(consumer, partition, next, high);
    if (from < low && from < high) throw receiptsGone(consumers[0] ?? '', partition, from, low);
    await takeOver(options, { topic, partition, from, high, positions }, learned);
  }
  for (const consumer of consumers) {
    const until = (await store.alone.lostPasts([consumer])).get(consumer);
    if (until !== undefined) lostPast.know(consumer, until);
  }
  for (const [consumer, receipts] of learned) options.onLearned(consumer, receipts);
}

/** What was appended since was sent by nobody who is dead. */
function askedOnce(ask: CatchUpOptions['endsOf']): CatchUpOptions['endsOf'] {
  const asked = new Map<string, ReturnType<CatchUpOptions['endsOf']>>();
  return (consumer) => {
    const answer = asked.get(consumer) ?? ask(consumer);
    asked.set(consumer, answer);
    return answer;
  };
}

function earliest(offsets: readonly bigint[]): bigint {
  const [first = 0n] = offsets.toSorted((a, b) => (a < b ? -1 : 1));
  return first;
}

interface Stretch {
  readonly topic: string;
  readonly partition: number;
  readonly from: bigint;
  readonly high: bigint;
  /** Where each consumer stands. */
  readonly positions: ReadonlyMap<string, bigint>;
}

async function takeOver(options: CatchUpOptions, stretch: Stretch, learned: Map<string, number>): Promise<void> {
  const { topic, partition, from, high } = stretch;
  let batch: LogRecord[] = [];
  if (from < high) {
    for await (const record of options.log.read(topic, partition, from, high)) {
      batch.push(record);
      if (batch.length < BATCH) continue;
      await takeOverBatch(options, stretch, batch, learned);
      batch = [];
    }
  }
  await takeOverBatch(options, stretch, batch, learned, high);
}

async function takeOverBatch(
  options: CatchUpOptions,
  { partition, positions }: Stretch,
  records: readonly LogRecord[],
  learned: Map<string, number>,
  end?: bigint,
): Promise<void> {
  const { store, learners, endsOf, writer } = options;
  const next = end ?? (records.at(-1)?.offset ?? 0n) + 1n;
  const told = await readAll(options.codec, records);
  for (const learner of learners) {
    const { consumer } = learner;
    const position = positions.get(consumer) ?? 0n;
    const its = told.filter(({ offset }) => offset >= position).map(({ body }) => body);
    // Asked before the transaction: a lock would be held while Kafka answers.
    const until = its.length === 0 ? new Map<number, bigint>() : await endsOf(consumer);
    await store.transaction(async (tx) => {
      const news = await learn(tx, learner, its);
      if (news > 0) {
        await tx.saveLostPast(consumer, until);
        // Of a database that was put back: what is due there may have been sent since, told by a receipt or not.
        if (learner.primary) await tx.doubtSends(consumer, writer);
      }
      await tx.saveReceiptsRead(consumer, new Map([[partition, next]]));
      if (news > 0) learned.set(consumer, (learned.get(consumer) ?? 0) + news);
    });
  }
}

async function readAll(
  codec: CatchUpOptions['codec'],
  records: readonly LogRecord[],
): Promise<readonly { readonly offset: bigint; readonly body: EventHandledData }[]> {
  const read: { offset: bigint; body: EventHandledData }[] = [];
  for (const { offset, headers, value } of records) {
    if (headers[HEADER.type] !== EventHandled.name) continue;
    try {
      read.push({ offset, body: (await codec.decode(EventHandled.name, value)) as EventHandledData });
    } catch (error) {
      if (isBanyanError(error) && error.retryable) throw error;
      // What cannot be read tells nothing; the send it is about is looked up at legacy.
    }
  }
  return read;
}

function databaseMixed(consumer: string): BanyanError {
  return new BanyanError(
    'PORTER_DATABASE_MIXED',
    `The porter's database would take in ${consumer} from the beginning, and has sends, links or ported rows of it: parts of different days. Nothing is sent. Put back a whole backup, or drop schema porter: it is rebuilt from the log and the receipts.`,
    { data: { consumer } },
  );
}

function receiptsGone(consumer: string, partition: number, next: bigint, found: bigint): BanyanError {
  return new BanyanError(
    'PORTER_RECEIPTS_GONE',
    `The porter's database has read the receipts of ${consumer} up to ${next} in partition ${partition}, and the log ${found < next ? 'ends' : 'begins'} at ${found}: it is another log, or was cut. Nothing is sent. Give the porter the log that belongs to its database.`,
    { data: { consumer, partition, next: String(next), found: String(found) } },
  );
}
