import { BanyanError } from '@banyan/core';
import { z } from 'zod';

/**
 * Compiles an app's configuration once, at start. An empty variable counts as not set, as compose files pass them.
 * @throws `CONFIG_INVALID` with all problems at once; it names variables and never their values, which may be secrets. A `refine` of the
 *   whole needs `when: () => true`, or it is not asked where a field has a problem of its own
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

const SECRET = /SECRET|PASSWORD|TOKEN|API_?KEY|CREDENTIAL/i;

/** The configuration as it may be logged: passwords and tokens in URLs, and everything that is named like a secret, are masked. */
export function redacted(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => [name, SECRET.test(name) ? MASK : withoutSecrets(value)]),
  );
}

const MASK = '***';
/** Up to the last `@` of the authority: a password may hold one itself. */
const USER_INFO = /(\/\/)([^/?#\s]*)@/g;

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'string') return value;
  return value
    .replace(USER_INFO, (_, slashes: string, info: string) => `${slashes}${maskedUser(info)}@`)
    .replace(/([?&]([^=&#]+)=)[^&#]*/g, (all, before: string, name: string) =>
      SECRET.test(name) ? before + MASK : all,
    );
}

/** A name without a password may be a token. */
function maskedUser(info: string): string {
  const at = info.indexOf(':');
  return at < 0 ? MASK : `${info.slice(0, at)}:${MASK}`;
}
