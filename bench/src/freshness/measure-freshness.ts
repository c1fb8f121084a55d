import { Pool as HttpPool } from 'undici';
import { openLoop } from '../harness/open-loop.js';
import { percentile } from '../harness/statistics.js';
import { type Announcement, announcements } from '../parcels/announcements.js';
import type { RowObserver } from './observe-rows.js';

export interface FreshnessOptions {
  readonly url: string;
  readonly name: string;
  readonly perSecond: number;
  readonly warmUp: number;
  readonly events: number;
  readonly rows: RowObserver;
  /** Resolves with the moment in which legacy has the row with this note. */
  readonly atLegacy: (note: string) => Promise<number>;
  readonly onWarm: () => void;
}

export interface Fresh {
  readonly figures: Readonly<Record<string, number>>;
  /** What was taken, by id. */
  readonly taken: ReadonlyMap<string, Announcement>;
}

const LATE_MS = 60_000;

interface Times {
  readonly dueAt: number;
  readonly takenAt: number;
  readonly visibleAt: number;
  readonly legacyAt: number;
}

/** Posts at a fixed rate and waits until each row can be seen on both sides. Throws when one is refused or not seen within a minute. */
export async function measureFreshness(options: FreshnessOptions): Promise<Fresh> {
  const { url, name, perSecond, warmUp, events, rows, atLegacy, onWarm } = options;
  const http = new HttpPool(url, { connections: 64, pipelining: 1 });
  const bodies = announcements(name);
  const taken = new Map<string, Announcement>();
  const one = async (): Promise<Times> => {
    const dueAt = performance.now();
    const announced = bodies.next().value;
    // Before it is posted: legacy may have it before the answer is read here.
    const legacy = atLegacy(announced.note);
    const answer = await http.request({
      method: 'POST',
      path: '/v2/parcels',
      headers: { 'content-type': 'application/json', prefer: 'respond-async' },
      body: JSON.stringify(announced),
    });
    const text = await answer.body.text();
    const takenAt = performance.now();
    if (answer.statusCode !== 202) throw new Error(`the API answered ${answer.statusCode}: ${text.slice(0, 300)}`);
    const { id } = JSON.parse(text) as { id: string };
    taken.set(id, announced);
    return { dueAt, takenAt, visibleAt: await rows.visible(id), legacyAt: await legacy };
  };
  const flights: Promise<Times>[] = [];
  await openLoop({ perSecond, count: warmUp + events }, (index) => {
    if (index === warmUp) onWarm();
    const flight = one();
    // Said below, for all of them.
    flight.catch(() => undefined);
    flights.push(flight);
  });
  const times = (await atMost(Promise.all(flights))).slice(warmUp);
  await http.close();
  const v2 = times.map(({ takenAt, visibleAt }) => visibleAt - takenAt);
  const legacy = times.map(({ takenAt, legacyAt }) => legacyAt - takenAt);
  const whole = times.map(({ dueAt, visibleAt }) => visibleAt - dueAt);
  const answered = times.map(({ dueAt, takenAt }) => takenAt - dueAt);
  return {
    figures: {
      v2P50Ms: percentile(v2, 0.5),
      v2P99Ms: percentile(v2, 0.99),
      legacyP50Ms: percentile(legacy, 0.5),
      legacyP99Ms: percentile(legacy, 0.99),
      postToV2P50Ms: percentile(whole, 0.5),
      postToV2P99Ms: percentile(whole, 0.99),
      postTo202P50Ms: percentile(answered, 0.5),
    },
    taken,
  };
}

async function atMost<T>(all: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not all rows can be seen after ${LATE_MS / 1000} s`)), LATE_MS);
  });
  try {
    return await Promise.race([all, late]);
  } finally {
    clearTimeout(timer);
  }
}
