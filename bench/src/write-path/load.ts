import { Pool } from 'undici';
import { percentile } from '../harness/statistics.js';
import { announcements } from '../parcels/announcements.js';
import { EventTally } from './log-tally.js';

export interface LoadOptions {
  readonly url: string;
  /** Makes the notes of this run. */
  readonly name: string;
  readonly connections: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** Called when the warm-up is over. */
  readonly onWarm: () => void;
}

export interface Loaded {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** All that were taken, those of the warm-up included. */
  readonly taken: EventTally;
}

/** As many callers as connections, each with its next request as soon as it has an answer. Throws when one is not taken. */
export async function load(options: LoadOptions): Promise<Loaded> {
  const { url, name, connections, warmUpMs, measureMs, onWarm } = options;
  const pool = new Pool(url, { connections, pipelining: 1 });
  const taken = new EventTally();
  const tookMs: number[] = [];
  const bodies = announcements(name);
  const warmAt = performance.now() + warmUpMs;
  const endAt = warmAt + measureMs;
  const caller = async (): Promise<void> => {
    for (let now = performance.now(); now < endAt; now = performance.now()) {
      const announced = bodies.next().value;
      const answer = await pool.request({
        method: 'POST',
        path: '/v2/parcels',
        headers: { 'content-type': 'application/json', prefer: 'respond-async' },
        body: JSON.stringify(announced),
      });
      const text = await answer.body.text();
      if (answer.statusCode !== 202) throw new Error(`the API answered ${answer.statusCode}: ${text.slice(0, 300)}`);
      const { id, eventId } = JSON.parse(text) as { id: string; eventId: string };
      taken.add(eventId, id, announced);
      const done = performance.now();
      if (now >= warmAt && done <= endAt) tookMs.push(done - now);
    }
  };
  const warm = setTimeout(onWarm, warmUpMs);
  try {
    await Promise.all(Array.from({ length: connections }, caller));
  } finally {
    clearTimeout(warm);
    await pool.destroy();
  }
  return {
    requestsPerSecond: tookMs.length / (measureMs / 1000),
    p50Ms: percentile(tookMs, 0.5),
    p99Ms: percentile(tookMs, 0.99),
    taken,
  };
}
