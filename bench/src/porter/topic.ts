import { rowHash } from '@banyan/compare';
import { markerHeaders } from '@banyan/contracts';
import { seeded } from '@banyan/core/testing';
import type { Tally } from '../harness/gate.js';
import { under } from '../harness/random.js';
import type { World } from '../harness/world.js';
import { idOf, parcelData } from '../parcels/data-set.js';
import { ParcelImported, ParcelMoved } from '../parcels/events.js';
import { parcelRecord } from '../parcels/load.js';
import { type ParcelRow, parcelOf } from '../parcels/parcel.js';
import { ExpectedParcels } from '../parcels/table.js';

/** A topic of changes to rows that legacy has. */
export interface PorterTopic {
  readonly prefix: string;
  readonly topic: string;
  readonly events: number;
  /** Legacy's rows before. */
  readonly rows: readonly ParcelRow[];
  /** What legacy has to have behind it. */
  readonly expected: Tally;
}

const EPOCH = 1;

/** As after a migration's first steps: V2 decides (a fence in every partition), the rows were imported, and now they are changed. */
export async function fillPorterTopic(
  { log, codec, topics }: World,
  prefix: string,
  { events, keys }: { readonly events: number; readonly keys: number },
): Promise<PorterTopic> {
  const topic = await topics(prefix);
  const appender = await log.appender();
  const random = seeded(11);
  const expected = new ExpectedParcels();
  const rows: ParcelRow[] = [];
  const revisions = new Map<number, number>();
  for (const { partition } of await log.ends(topic)) {
    const meta = { id: `fence-${partition}`, source: 'bench', timeMs: 0, subject: topic };
    const headers = markerHeaders({ type: 'fence', epoch: EPOCH, share: 100 }, meta);
    await appender.append({ topic, partition, key: null, value: null, headers });
  }
  const imports = Array.from({ length: keys }, (_, number) => {
    const data = parcelData(random, 1, number);
    const row: ParcelRow = { ParcelID: number + 1, ...parcelOf(data) };
    rows.push(row);
    expected.add(String(number + 1), data);
    revisions.set(number, 1);
    const value = codec.encode(ParcelImported.name, { ...data, legacyId: String(number + 1) });
    const record = { key: idOf(number), type: ParcelImported.name, value, on: 0, epoch: EPOCH } as const;
    return appender.append(parcelRecord(topic, { ...record, origin: 'backfill', contentHash: rowHash(row) }));
  });
  await Promise.all(imports);
  const changes = Array.from({ length: events }, (_, index) => {
    const number = under(random, keys);
    const on = revisions.get(number) ?? 0;
    const data = parcelData(random, on + 1, keys + index);
    revisions.set(number, on + 1);
    expected.add(String(number + 1), data);
    const value = codec.encode(ParcelMoved.name, data);
    return appender.append(parcelRecord(topic, { key: idOf(number), type: ParcelMoved.name, value, on, epoch: EPOCH }));
  });
  await Promise.all(changes);
  await appender.close(10_000);
  return { prefix, topic, events, rows, expected: { ...expected.tally(), count: events } };
}
