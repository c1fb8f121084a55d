import { entities } from '@banyan/migration';
import { compileConfig, httpUrl, integer, logFields, serviceFields, transformersField } from '@banyan/service';
import { z } from 'zod';

const schema = z.object({
  ...serviceFields({ app: 'legacy-api-proxy', port: 4003 }),
  ...logFields(),
  ...transformersField(entities.map(({ name }) => name)),
  /** Health, metrics and status: never on the address that legacy's callers use. 0 = any free port. */
  ADMIN_PORT: integer(0, 65_535).default(4103),
  /** Where legacy really is; origin only, paths are the callers'. */
  LEGACY_URL: httpUrl().refine((url) => new URL(url).pathname === '/', 'must have no path: callers bring their own'),
  /** Longest wait for legacy's first byte and between two chunks, milliseconds. */
  LEGACY_TIMEOUT_MS: integer(1, 600_000).default(30_000),
  /** Connections kept to legacy at most. */
  LEGACY_CONNECTIONS: integer(1, 10_000).default(128),
  /** Where writes take their round trip, and V2's reads come from. */
  NEW_API_URL: httpUrl().default('http://127.0.0.1:4000'),
  /** Told to callers of what is gone; default NEW_API_URL's /docs. */
  GONE_POINTER_URL: httpUrl().optional(),
  /** The last table on the disk; default below the system's directory for temporary files, by TOPIC_PREFIX and INSTANCE_NAME. */
  TABLE_FILE: z.string().optional(),
  /** Longest wait of a write while its entity moves, milliseconds. */
  HOLD_MAX_MS: integer(0, 60_000).default(2_000),
  /** Writes that wait so at once, at most. */
  HELD_MAX: integer(0, 100_000).default(1_000),
  /** Longest wait for the next bytes of a write's body that is read before it goes on; six times as long for the whole, milliseconds. */
  BODY_IDLE_MS: integer(1, 600_000).default(5_000),
  /** From the whole request of a round trip until its answer, milliseconds. */
  ROUND_TRIP_DEADLINE_MS: integer(500, 60_000).default(1_800),
  /** How long an equal body without a key of the caller's is the same creation, seconds. */
  CREATION_WINDOW_S: integer(1, 86_400).default(60),
  /** Comparisons behind answers at once. */
  SHADOW_CONCURRENCY: integer(1, 100).default(4),
  /** After which time a difference is looked at again before it is one, milliseconds. */
  CONFIRM_AFTER_MS: integer(0, 600_000).default(1_000),
});

export type ProxyConfig = z.output<typeof schema>;

export function readConfig(env: NodeJS.ProcessEnv = process.env): ProxyConfig {
  return compileConfig(schema, env);
}
