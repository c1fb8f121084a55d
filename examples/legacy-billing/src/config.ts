import { z } from 'zod';

const environment = z.object({
  /** Billing's own PostgreSQL database; its tables are made at the first start. */
  BILLING_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' }),
  PORT: z.coerce.number().int().min(0).max(65_535).default(4012),
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
