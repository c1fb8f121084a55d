import { type Codec, HEADER, MISMATCHES_TOPIC, topicName } from '@banyan/contracts';
import { MismatchFound, type MismatchFoundData } from '@banyan/contracts/events/banyan.mismatch.v1';
import { BanyanError } from '@banyan/core';
import type { EventLog } from '@banyan/kafka';

export interface Mismatch extends MismatchFoundData {
  /** `<partition>-<offset>`: how `mismatches show` finds it. */
  readonly id: string;
  readonly eventId: string | null;
}

export interface MismatchSources {
  readonly log: EventLog;
  readonly codec: Codec;
  readonly topicPrefix: string;
}

/** The latest confirmed differences between legacy's answers and V2's, newest first. @param limit per partition, and in all */
export async function listMismatches(sources: MismatchSources, limit: number): Promise<readonly Mismatch[]> {
  const topic = topicName(sources.topicPrefix, MISMATCHES_TOPIC);
  const found: Mismatch[] = [];
  for (const { partition, low, high } of await sources.log.ends(topic)) {
    const from = high - BigInt(limit) > low ? high - BigInt(limit) : low;
    found.push(...(await readMismatches(sources, partition, from, high)));
  }
  return found.sort((a, b) => b.confirmedAtMs - a.confirmedAtMs).slice(0, limit);
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
    if (record.headers[HEADER.type] !== MismatchFound.name) continue;
    const data = (await codec.decode(MismatchFound.name, record.value)) as MismatchFoundData;
    found.push({ ...data, id: `${partition}-${record.offset}`, eventId: record.headers[HEADER.id] ?? null });
  }
  return found;
}
