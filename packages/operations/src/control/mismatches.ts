import { type Codec, HEADER, MISMATCHES_TOPIC, topicName } from '@banyan/contracts';
import {
  MismatchFound,
  type MismatchFoundData,
  StateMismatchFound,
  type StateMismatchFoundData,
} from '@banyan/contracts/events/banyan.mismatch.v1';
import { BanyanError } from '@banyan/core';
import type { EventLog } from '@banyan/kafka';

/** Two answers to one question, or two states of one history. */
export type Mismatch = AnswerMismatch | StateMismatch;

interface Found {
  /** `<partition>-<offset>`: how `mismatches show` finds it. */
  readonly id: string;
}

export interface AnswerMismatch extends MismatchFoundData, Found {
  readonly kind: 'answer';
  readonly eventId: string | null;
}

export interface StateMismatch extends StateMismatchFoundData, Found {
  readonly kind: 'state';
}

export interface MismatchSources {
  readonly log: EventLog;
  readonly codec: Codec;
  readonly topicPrefix: string;
}

/** The latest differences, between legacy's answers and V2's and between the states of projector and porter, newest first. @param limit per partition, and in all */
export async function listMismatches(sources: MismatchSources, limit: number): Promise<readonly Mismatch[]> {
  const topic = topicName(sources.topicPrefix, MISMATCHES_TOPIC);
  const found: Mismatch[] = [];
  for (const { partition, low, high } of await sources.log.ends(topic)) {
    const from = high - BigInt(limit) > low ? high - BigInt(limit) : low;
    found.push(...(await readMismatches(sources, partition, from, high)));
  }
  return found.sort((a, b) => foundAtMs(b) - foundAtMs(a)).slice(0, limit);
}

/** Throws `OPERATIONS_MISMATCH_UNKNOWN`. @param id as `listMismatches` gives it */
export async function showMismatch(sources: MismatchSources, id: string): Promise<Mismatch> {
  const [, partition, offset] = /^(\d+)-(\d+)$/.exec(id) ?? [];
  const ends = await sources.log.ends(topicName(sources.topicPrefix, MISMATCHES_TOPIC));
  const at = BigInt(offset ?? -1);
  const there = ends.find((one) => one.partition === Number(partition));
  if (there !== undefined && at >= there.low && at < there.high) {
    const [mismatch] = await readMismatches(sources, there.partition, at, at + 1n);
    if (mismatch !== undefined) return mismatch;
  }
  throw new BanyanError('OPERATIONS_MISMATCH_UNKNOWN', `There is no mismatch ${id}; see \`banyan mismatches list\`.`, {
    data: { id },
  });
}

async function readMismatches(
  { log, codec, topicPrefix }: MismatchSources,
  partition: number,
  from: bigint,
  to: bigint,
): Promise<Mismatch[]> {
  const found: Mismatch[] = [];
  if (from >= to) return found;
  for await (const record of log.read(topicName(topicPrefix, MISMATCHES_TOPIC), partition, from, to)) {
    const id = `${partition}-${record.offset}`;
    const type = record.headers[HEADER.type];
    if (type === MismatchFound.name) {
      const data = (await codec.decode(type, record.value)) as MismatchFoundData;
      found.push({ kind: 'answer', ...data, id, eventId: record.headers[HEADER.id] ?? null });
    } else if (type === StateMismatchFound.name) {
      found.push({ kind: 'state', ...((await codec.decode(type, record.value)) as StateMismatchFoundData), id });
    }
  }
  return found;
}

/** When it was seen last. */
export function foundAtMs(mismatch: Mismatch): number {
  return mismatch.kind === 'answer' ? mismatch.confirmedAtMs : mismatch.foundAtMs;
}
