import { commit, httpRequest, produce, type Request } from '@banyan/stack/testing';
import type { Links } from '../../testing/linked-world.js';
import { until } from '../../until.js';
import type { Fault, Part } from '../fault.js';

const LOST_ANSWERS = 20;
const RESETS = 20;
const RESET_SHARE = 0.05;
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

/** On each way: of the pieces that are sent over it every twentieth is the last of its connection, before or behind the server. */
export const resets: readonly Fault[] = (
  [
    ['to Kafka', 'kafka'],
    ['to PostgreSQL', 'postgres'],
    ['to legacy', 'legacy'],
    ['of the proxy to the new API', 'apiOfProxy'],
    ['of callers to the new API', 'api'],
    ['of callers to the proxy', 'proxy'],
    ['to the porter', 'porter'],
  ] satisfies readonly [string, keyof Links][]
).map(([way, link]) => ({
  name: `5 % of requests reset their connection ${way}`,
  breaks: [PART_OF[link]],
  strike: async ({ linked, random }) => {
    const resets = linked.links[link].reset(RESET_SHARE, () => random.next());
    try {
      await until(
        `${RESETS} connections are reset`,
        async () => (resets.count >= RESETS ? true : undefined),
        STRUCK_MS,
      );
    } finally {
      resets.stop();
    }
    return undefined;
  },
}));
