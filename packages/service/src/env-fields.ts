import { z } from 'zod';

/** The pieces that the `config.ts` files of the apps are made of. */

/** A whole number from `min` to `max`, both included. */
export const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^-?\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min).max(max));

/** `a:9092,b:9092` -> two brokers; at least one. */
export const commaList = () =>
  z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .pipe(z.array(z.string()).min(1, 'must name at least one, separated by commas'));

export const httpUrl = () => z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' });

export const postgresUrl = () => z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' });

/** At least 16 characters; a placeholder such as `<operator-token>` is none. */
export const operatorToken = () =>
  z.string().regex(/^[^\s<>]{16,}$/, 'must have at least 16 characters, and no space, < or >');

/** What every app has. Times out of these are milliseconds. */
export const serviceFields = (defaults: { readonly app: string; readonly port: number }) => ({
  /** 0 = any free port; the listening line tells which. */
  PORT: integer(0, 65_535).default(defaults.port),
  HOST: z.string().default('127.0.0.1'),
  /** What operators show to internal routes that change something; needed where HOST is not this machine alone. */
  OPERATOR_TOKEN: operatorToken().optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  /** Stable across restarts: a process that comes up under the same name proves the old one dead. */
  INSTANCE_NAME: z.string().default(`${defaults.app}-0`),
});

/** Apps that use the log. */
export const logFields = () => ({
  KAFKA_BROKERS: commaList(),
  SCHEMA_REGISTRY_URL: httpUrl(),
  /** Before every topic and consumer group, so that several environments can share a cluster. */
  TOPIC_PREFIX: z
    .string()
    .regex(/^[a-zA-Z0-9._-]*$/, 'may hold letters, digits, dot, underscore and dash')
    .default(''),
});

/** Which entities an app runs, each once; undefined = all. @param known names of those that are being migrated */
export const transformersField = (known: readonly string[]) => ({
  TRANSFORMERS: commaList()
    .refine(
      (names) => names.every((name) => known.includes(name)),
      `names what is not being migrated; there are ${known.join(', ')}`,
    )
    .refine((names) => new Set(names).size === names.length, 'names an entity twice')
    .optional(),
});
