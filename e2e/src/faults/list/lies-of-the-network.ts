import { commit, httpRequest, produce, type Request } from '@banyan/stack/testing';
import type { Links } from '../../testing/linked-world.js';
import { until } from '../../until.js';
import type { Fault, Part } from '../fault.js';

const LOST_ANSWERS = 20;
const RESETS = 5;
const STRUCK_MS = 60_000;

const PART_OF: Readonly<Record<keyof Links, Part>> = {
  kafka: 'kafka',
  postgres: 'postgres',
  legacy: 'legacy',
  apiOfProxy: 'new-api',
  api: 'callers',
  proxy: 'callers',
  porter: 'legacy-porter',
};

/** The work is done, and nobody is told. */
export const lostAnswers: readonly Fault[] = (
  [
    ['appends to Kafka, of events and receipts', 'kafka', produce],
    ['commits of all four owners of PostgreSQL, and of legacy', 'postgres', commit],
    ['creations that legacy committed', 'legacy', httpRequest(/^POST \/api\/orders/)],
    ['changes that legacy committed', 'legacy', httpRequest(/^PUT \/api\/orders/)],
    ['commands of the proxy to the new API', 'apiOfProxy', httpRequest(/^P/)],
    ['creations at the new API', 'api', httpRequest(/^POST \/v2\/orders/)],
    ['changes at the new API', 'api', httpRequest(/^PUT \/v2\/orders/)],
    ['creations of legacy clients at the proxy', 'proxy', httpRequest(/^POST \/api\/orders/)],
    ['changes of legacy clients at the proxy', 'proxy', httpRequest(/^PUT \/api\/orders/)],
  ] satisfies readonly [string, keyof Links, Request][]
).map(([what, link, request]) => ({
  name: `${LOST_ANSWERS} answers lost: ${what}`,
  breaks: [PART_OF[link]],
  strike: async ({ linked }) => {
    const answers = linked.links[link].loseAnswers(request, LOST_ANSWERS);
    const struck = async () => (answers.lost === LOST_ANSWERS ? true : undefined);
    await until(`${LOST_ANSWERS} answers are lost`, struck, STRUCK_MS);
    return undefined;
  },
}));

/** On each way: so many of the pieces that are sent over it are the last of their connection, before or behind the server. */
export const resets: readonly Fault[] = (
  [
    [5, 'to Kafka', 'kafka'],
    [5, 'to PostgreSQL', 'postgres'],
    [5, 'to legacy', 'legacy'],
    [5, 'of the proxy to the new API', 'apiOfProxy'],
    [5, 'of callers to the new API', 'api'],
    [5, 'of callers to the proxy', 'proxy'],
    // Who imports asks it, and hardly anybody else.
    [50, 'to the porter', 'porter'],
  ] satisfies readonly [number, string, keyof Links][]
).map(([percent, way, link]) => ({
  name: `${percent} % of requests reset their connection ${way}`,
  breaks: [PART_OF[link]],
  strike: async ({ linked, random }) => {
    const resets = linked.links[link].reset(percent / 100, () => random.next());
    const struck = async () => (resets.count >= RESETS ? true : undefined);
    try {
      await until(`${RESETS} connections are reset`, struck, STRUCK_MS);
    } finally {
      resets.stop();
    }
    return undefined;
  },
}));
