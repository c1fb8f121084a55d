import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);

const environment = z.object({
  /** A PostgreSQL database of the legacy system's own; filled at the first start. */
  LEGACY_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' }),
  PORT: port.default(4010),
  ADMIN_PORT: port.default(4011),
  HOST: z.string().default('127.0.0.1'),
});

export type Config = z.infer<typeof environment>;

/** Throws one error that names every variable that is wrong, without its value. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const parsed = environment.safeParse(env);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`The environment is not complete: ${problems.join('; ')}.`);
}
