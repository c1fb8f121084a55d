import { BanyanError } from '@banyan/core';
import { z } from 'zod';

/**
 * Compiles an app's configuration once, at start. An empty variable counts as not set, as compose files pass them.
 * @throws `CONFIG_INVALID` with all problems at once; it names variables and never their values, which may be secrets
 */
export function compileConfig<S extends z.ZodObject>(
  schema: S,
  env: Readonly<Record<string, string | undefined>>,
): z.output<S> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => {
    const name = issue.path.join('.');
    return `${name}: ${given[name] === undefined && issue.code === 'invalid_type' ? 'is required and not set' : issue.message}`;
  });
  throw new BanyanError(
    'CONFIG_INVALID',
    `The configuration has ${problems.length} problem(s): ${problems.join('; ')}. Set these environment variables and start again; all of them are described in docs/reference/configuration.md.`,
    { data: { problems } },
  );
}

const SECRET = /SECRET|PASSWORD|TOKEN|API_KEY/i;

/** The configuration as it may be logged: passwords in URLs and everything that is named like a secret are masked. */
export function redacted(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => [name, SECRET.test(name) ? '***' : withoutPassword(value)]),
  );
}

function withoutPassword(value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/(\/\/[^:/@\s]*):[^@/\s]*@/g, '$1:***@') : value;
}
