import { entities } from '@banyan/migration';
import { compileConfig, integer, logFields, postgresUrl, serviceFields, transformersField } from '@banyan/service';
import { z } from 'zod';

const schema = z.object({
  ...serviceFields({ app: 'v2-projector', port: 4001 }),
  ...logFields(),
  ...transformersField(entities.map(({ name }) => name)),
  /** The V2 database as the owner of schema `v2`, which it makes and migrates. */
  V2_DATABASE_URL: postgresUrl(),
  /** Behind every consumer group: a second projector builds a V2 of its own from the whole log, beside the running one. */
  GROUP_SUFFIX: z
    .string()
    .regex(/^[a-zA-Z0-9._-]*$/, 'may hold letters, digits, dot, underscore and dash')
    .default(''),
  /** Connections to it at most; slices, waits and questions share them. */
  V2_POOL_MAX: integer(2, 100).default(16),
});

export type ProjectorConfig = z.output<typeof schema>;

/** Throws `CONFIG_INVALID` with all problems at once. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): ProjectorConfig {
  return compileConfig(schema, env);
}
