import { commaList, compileConfig, httpUrl, logFields, operatorToken, postgresUrl } from '@banyan/service/config';
import { z } from 'zod';

/** Where an app runs as several processes that each do a part, all of them: `http://a:4001,http://b:4001`. */
const httpUrls = () => commaList().pipe(z.array(httpUrl()));

const schema = z.object({
  ...logFields(),
  /** Reads schema `v2`. */
  V2_DATABASE_URL: postgresUrl(),
  /** Owns schema `banyan`: plans and checkpoints of runs. */
  BANYAN_DATABASE_URL: postgresUrl(),
  /** Legacy's HTTP API. */
  LEGACY_URL: httpUrl(),
  /** Legacy's own database, to read only: faster than its API. Without it rows are read over HTTP. */
  LEGACY_DATABASE_URL: postgresUrl().optional(),
  PROJECTOR_URL: z.string().default('http://127.0.0.1:4001').pipe(httpUrls()),
  PORTER_URL: z.string().default('http://127.0.0.1:4002').pipe(httpUrls()),
  NEW_API_URL: httpUrl().default('http://127.0.0.1:4000'),
  PROXY_ADMIN_URL: httpUrl().default('http://127.0.0.1:4103'),
  /** Shown to apps that listen for other machines, with what changes something there. */
  OPERATOR_TOKEN: operatorToken().optional(),
  /** What this installation is called. Anything but `local` has to be confirmed by name before something changes. */
  ENVIRONMENT: z.string().default('local'),
  /** Who gives the commands; it stands in the control log. Without it the name of the operating system's user. */
  OPERATOR: z.string().min(1).max(100).optional(),
});

export type CliConfig = z.output<typeof schema>;

export function readConfig(env: NodeJS.ProcessEnv = process.env): CliConfig {
  return compileConfig(schema, env);
}

const provisionSchema = z.object({
  ...logFields(),
  /** May create roles and schemas in the V2 database. */
  ADMIN_DATABASE_URL: postgresUrl(),
  BANYAN_PROJECTOR_PASSWORD: z.string(),
  BANYAN_PORTER_PASSWORD: z.string(),
  BANYAN_API_PASSWORD: z.string(),
  BANYAN_OPERATOR_PASSWORD: z.string(),
});

export type ProvisionConfig = z.output<typeof provisionSchema>;

export function readProvisionConfig(env: NodeJS.ProcessEnv = process.env): ProvisionConfig {
  return compileConfig(provisionSchema, env);
}
