import { MAX_SENDS } from '@banyan/control';
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

const schema = z.object({
  ...serviceFields({ app: 'legacy-porter', port: 4002 }),
  ...logFields(),
  ...transformersField(entities.map(({ name }) => name)),
  /** The database with schema `porter`, which this app makes, migrates and alone touches. */
  PORTER_DATABASE_URL: postgresUrl(),
  /** Connections to it at most, beside the one that keeps the lease. */
  PORTER_POOL_MAX: integer(2, 100).default(16),
  /** Legacy's HTTP API. */
  LEGACY_URL: httpUrl(),
  /** Sends to legacy in flight at most, of all ports together that were given no number of their own in the control log. */
  PORTER_CONCURRENCY: integer(1, MAX_SENDS).default(16),
});

export type PorterConfig = z.output<typeof schema>;

/** Throws `CONFIG_INVALID` with all problems at once. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): PorterConfig {
  return compileConfig(schema, env);
}
