import { createHash } from 'node:crypto';
import { HEADER } from '@banyan/contracts';
import type { Tally } from '../harness/gate.js';
import type { World } from '../harness/world.js';
import type { Announcement } from '../parcels/announcements.js';
import { ParcelAnnounced, type ParcelData } from '../parcels/events.js';

/** Of events, whatever their order. */
export class EventTally {
  private count = 0;
  private sum = 0n;

  add(eventId: string, key: string, announced: Announcement): void {
    const { place, carrier, weightGrams, valueCents, currency, fragile, note, dueOn } = announced;
    const text = JSON.stringify([
      eventId,
      key,
      place,
      carrier,
      weightGrams,
      valueCents,
      currency,
      fragile,
      note,
      dueOn,
    ]);
    this.count += 1;
    this.sum += BigInt(`0x${createHash('md5').update(text).digest('hex').slice(0, 15)}`);
  }

  tally(): Tally {
    return { count: this.count, checksum: String(this.sum) };
  }
}

/** What really lies in a topic. */
export async function tallyOfTopic({ log, codec }: World, topic: string): Promise<Tally> {
  const found = new EventTally();
  for (const { partition, low, high } of await log.ends(topic)) {
    if (low === high) continue;
    for await (const { key, value, headers } of log.read(topic, partition, low, high)) {
      const data = (await codec.decode(ParcelAnnounced.name, value)) as ParcelData;
      found.add(headers[HEADER.id] ?? '', key ?? '', { ...data, note: data.note ?? '' });
    }
  }
  return found.tally();
}
