import { createKafkaEventLog } from '@banyan/kafka';
import { entities } from '@banyan/migration';
import { readStatus, whatMoves } from '@banyan/operations';
import { createPool, query } from '@banyan/postgres';
import { request } from 'undici';
import type { World } from '../world.js';
import type { PlacedOrder } from './order-load.js';

/** What was found of some acknowledged orders in both stores; every list is empty when each is once in both, linked. */
export interface Findings {
  readonly notInV2: readonly string[];
  readonly notInLegacy: readonly string[];
  readonly twiceInLegacy: readonly string[];
  readonly wronglyLinked: readonly string[];
  /** Rows in legacy that are younger than Northwind's own and belong to no acknowledged order. */
  readonly ownedByNobody: readonly number[];
}

export const NOTHING_WRONG: Findings = {
  notInV2: [],
  notInLegacy: [],
  twiceInLegacy: [],
  wronglyLinked: [],
  ownedByNobody: [],
};

/** Waits until neither consumer has anything left to do; throws with what still moves, or what is parked. */
export async function drained(world: World, timeoutMs = 60_000): Promise<void> {
  const { cliEnv, databaseUrls, topicPrefix, urls } = world;
  const apps = (['v2-projector', 'legacy-porter'] as const).map((app) => ({ app, url: urls[app] }));
  const log = createKafkaEventLog({ brokers: (cliEnv.KAFKA_BROKERS ?? '').split(','), clientId: 'drained' });
  const v2 = createPool({ url: databaseUrls.banyan_operator, applicationName: 'drained', max: 1 });
  const end = performance.now() + timeoutMs;
  try {
    for (;;) {
      // What a process tells of its lag is seconds old where it has fetched nothing since: that all is taken in, the log itself has to
      // say. That nothing of it is left to do is asked behind that.
      const moving = await whatMoves({ apps, entities, v2, log, topicPrefix });
      const status = await readStatus(apps);
      if (moving === undefined && status.quiet) return;
      if (performance.now() > end) {
        throw new Error(`not drained within ${timeoutMs} ms: ${moving ?? ''} ${JSON.stringify(status.apps)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } finally {
    await log.close();
    await v2.end();
  }
}

/** The same. @returns seconds that it took, to a tenth */
export async function secondsToDrain(world: World): Promise<number> {
  const begun = performance.now();
  await drained(world);
  return Math.round((performance.now() - begun) / 100) / 10;
}

/** Looks into both stores, past every cache: V2 through its API, legacy and the journal's links in their databases. */
export async function findingsOf(world: World, placed: readonly PlacedOrder[]): Promise<Findings> {
  const legacy = createPool({ url: world.databaseUrls.legacy, applicationName: 'findings', max: 1 });
  const porter = createPool({ url: world.databaseUrls.banyan_porter, applicationName: 'findings', max: 1 });
  try {
    const rows = await query<{ id: number; stamp: string }>(
      legacy,
      'select order_id as id, po_number as stamp from orders where order_id > 11077',
    );
    const links = await query<{ key: string; legacy_id: string }>(
      porter,
      `select key::text as key, legacy_id from porter.link where entity = 'order'`,
    );
    const ids = new Set(placed.map(({ id }) => id));
    const rowsOf = (id: string) => rows.filter(({ stamp }) => stamp === id);
    const linkOf = new Map(links.map(({ key, legacy_id }) => [key, legacy_id]));
    const missing: string[] = [];
    for (const { id } of placed) {
      const answer = await request(`${world.urls['new-api']}/v2/orders/${id}`);
      await answer.body.dump();
      if (answer.statusCode !== 200) missing.push(id);
    }
    return {
      notInV2: missing,
      notInLegacy: [...ids].filter((id) => rowsOf(id).length === 0),
      twiceInLegacy: [...ids].filter((id) => rowsOf(id).length > 1),
      wronglyLinked: [...ids].filter((id) => linkOf.get(id) !== String(rowsOf(id)[0]?.id)),
      ownedByNobody: rows.filter(({ stamp }) => !ids.has(stamp)).map(({ id }) => id),
    };
  } finally {
    await legacy.end();
    await porter.end();
  }
}
