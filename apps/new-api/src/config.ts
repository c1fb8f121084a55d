import { entities } from '@banyan/migration';
import {
  compileConfig,
  httpUrl,
  integer,
  logFields,
  postgresUrl,
  serviceFields,
  transformersField,
} from '@banyan/service';
import { z } from 'zod';

const schema = z
  .object({
    ...serviceFields({ app: 'new-api', port: 4000 }),
    ...logFields(),
    ...transformersField(entities.map(({ name }) => name)),
    /** The V2 store, as a role that may read schema `v2`. */
    V2_DATABASE_URL: postgresUrl(),
    /** The database that holds schema `api`, as its owner. */
    API_DATABASE_URL: postgresUrl(),
    /** Legacy's HTTP API, for adoption; without it nothing is adopted. */
    LEGACY_URL: httpUrl().optional(),
    /** The porter's internal API: needed with LEGACY_URL. */
    PORTER_URL: httpUrl().optional(),
    /** How long an append may wait for Kafka before the answer is 503, milliseconds. */
    APPEND_DEADLINE_MS: integer(100, 60_000).default(5_000),
    /** How long to wait for the projector before the answer is 202, milliseconds. */
    OUTCOME_DEADLINE_MS: integer(100, 60_000).default(10_000),
    /** How long a request with `Banyan-Wait-For: ported` and no deadline of its own takes at most, milliseconds. */
    PORTED_DEADLINE_MS: integer(100, 60_000).default(5_000),
    /** How long a question for a receipt may wait for news at most, seconds; below the idle time-out of what stands in between. */
    RECEIPT_WAIT_MAX_S: integer(0, 300).default(30),
    /** Questions for receipts that wait at once; more are answered without waiting. */
    RECEIPT_WAITS_MAX: integer(0, 100_000).default(1_000),
    /** How many of the records that Kafka has acknowledged are read back, to see that they are there; 0 = none. */
    CANARY_READS_PER_MINUTE: integer(0, 600).default(6),
  })
  .refine((config) => config.LEGACY_URL === undefined || config.PORTER_URL !== undefined, {
    path: ['PORTER_URL'],
    // Also where another field has a problem: all are told at once.
    when: () => true,
    message: 'is required with LEGACY_URL: only the porter knows whose a legacy row is',
  });

export type NewApiConfig = z.output<typeof schema>;

/** Throws `CONFIG_INVALID` with all problems at once. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): NewApiConfig {
  return compileConfig(schema, env);
}
