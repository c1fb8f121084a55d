import { eventHeaders, type NewRecord } from '@banyan/contracts';
import type { Origin } from '@banyan/core';
import type { World } from '../harness/world.js';
import { idOf, type ParcelChange } from './data-set.js';
import { ParcelAnnounced, ParcelMoved } from './events.js';
import { ExpectedParcels } from './table.js';

/** So many wait for Kafka at once; the appender refuses more than 50,000. */
const WINDOW = 10_000;

/** Fills a topic as new-api fills it, through the appender, headers and all. Answers what the rows have to be. */
export async function loadParcels(
  { log, codec }: World,
  topic: string,
  changes: Iterable<ParcelChange>,
): Promise<ExpectedParcels> {
  const expected = new ExpectedParcels();
  const appender = await log.appender();
  let waiting: Promise<unknown>[] = [];
  for (const change of changes) {
    const key = idOf(change.number);
    const type = change.on === 0 ? ParcelAnnounced.name : ParcelMoved.name;
    const value = codec.encode(type, change.data);
    waiting.push(appender.append(parcelRecord(topic, { key, type, value, on: change.on }), { deadlineMs: 60_000 }));
    expected.add(key, change.data);
    if (waiting.length < WINDOW) continue;
    await Promise.all(waiting);
    waiting = [];
  }
  await Promise.all(waiting);
  await appender.close(10_000);
  return expected;
}

export interface ParcelRecord {
  readonly key: string;
  readonly type: string;
  readonly value: Buffer;
  readonly on: number;
  readonly epoch?: number;
  readonly origin?: Origin;
  readonly contentHash?: string;
}

let ids = 0;

export function parcelRecord(
  topic: string,
  { key, type, value, on, epoch, origin, contentHash }: ParcelRecord,
): NewRecord {
  ids += 1;
  const headers = eventHeaders({
    id: `0190a1b2-0000-7000-8000-${ids.toString(16).padStart(12, '0')}`,
    type,
    source: 'bench',
    timeMs: 1_767_225_600_000,
    subject: key,
    origin: origin ?? 'api',
    expectedVersion: on,
    epoch: epoch ?? 0,
    liveness: 'live',
    contentHash,
  });
  return { topic, key, value, headers };
}
