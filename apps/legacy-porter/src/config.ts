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
import { type AnyEntity, isTransactional } from '@banyan/transformer';
import { z } from 'zod';

/** The variable with the address of a further legacy database: `billing` is `LEGACY_BILLING_DATABASE_URL`. */
export function databaseVariable(database: string): string {
  return `LEGACY_${database.toUpperCase().replaceAll('-', '_')}_DATABASE_URL`;
}

/** The variable with a further legacy database's own latency objective: of `billing` it is `LEGACY_BILLING_LATENCY_OBJECTIVE_MS`. */
function objectiveVariable(database: string): string {
  return `LEGACY_${database.toUpperCase().replaceAll('-', '_')}_LATENCY_OBJECTIVE_MS`;
}

/** Calls to legacy are given up after 5 s: nothing that is answered takes longer. */
const latencyObjective = () => integer(1, 5_000).optional();

/** The further legacy databases that the ports of these entities write to. */
function databasesOf(all: readonly AnyEntity[]): readonly string[] {
  const targets = all.flatMap(({ legacy }) => legacy.ports.map(({ target }) => target));
  return [...new Set(targets.filter(isTransactional).map(({ database }) => database))];
}

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
  /** How long 95 of 100 of a target's answers should take at most; where they take longer, fewer sends are in flight. */
  PORTER_LATENCY_OBJECTIVE_MS: latencyObjective(),
  // A port whose database is not named here does not run, and says so.
  ...Object.fromEntries(databasesOf(entities).map((name) => [databaseVariable(name), postgresUrl().optional()])),
  ...Object.fromEntries(databasesOf(entities).map((name) => [objectiveVariable(name), latencyObjective()])),
});

export type PorterConfig = z.output<typeof schema>;

/** Where a further legacy database is; undefined = nobody said. */
export function databaseUrl(config: PorterConfig, database: string): string | undefined {
  return (config as Readonly<Record<string, unknown>>)[databaseVariable(database)] as string | undefined;
}

/** Of a further legacy database, its own or that of all targets, milliseconds; undefined = there is none. */
export function latencyObjectiveMs(config: PorterConfig, database: string): number | undefined {
  const own = (config as Readonly<Record<string, unknown>>)[objectiveVariable(database)] as number | undefined;
  return own ?? config.PORTER_LATENCY_OBJECTIVE_MS;
}

/** Throws `CONFIG_INVALID` with all problems at once. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): PorterConfig {
  return compileConfig(schema, env);
}
