import { homedir } from 'node:os';
import { join } from 'node:path';
import { BanyanError } from '@banyan/core';
import type { ProviderName } from './stack.js';

/** What the environment says about the stack. */
interface StackConfig {
  /** `BANYAN_STACK`: use this provider and no other. */
  readonly provider: ProviderName | undefined;
  /** `KAFKA_BROKERS` */
  readonly kafkaBrokers: string | undefined;
  /** `SCHEMA_REGISTRY_URL` */
  readonly schemaRegistryUrl: string | undefined;
  /** `DATABASE_URL` */
  readonly databaseUrl: string | undefined;
  /** Downloads of this user: `$XDG_CACHE_HOME/banyan`, by default `~/.cache/banyan`. */
  readonly cacheDirectory: string;
  /** `JAVA_HOME` */
  readonly javaHome: string | undefined;
  /** `DOCKER_HOST` */
  readonly dockerHost: string | undefined;
  /** `XDG_RUNTIME_DIR`, where a rootless Docker listens. */
  readonly runtimeDirectory: string | undefined;
}

const PROVIDERS: readonly string[] = ['env', 'docker', 'local'];

function isProvider(value: string): value is ProviderName {
  return PROVIDERS.includes(value);
}

/** @throws BanyanError `STACK_CONFIG_INVALID` when BANYAN_STACK names no provider. */
function readStackConfig(env: NodeJS.ProcessEnv = process.env): StackConfig {
  // An empty variable is an unset one: shells and CI systems make no difference.
  const text = (name: string): string | undefined => env[name]?.trim() || undefined;
  const provider = text('BANYAN_STACK');
  if (provider !== undefined && !isProvider(provider)) {
    throw new BanyanError(
      'STACK_CONFIG_INVALID',
      `BANYAN_STACK is "${provider}"; set it to env, docker or local, or unset it to let Banyan choose.`,
      { data: { provider } },
    );
  }
  return {
    provider,
    kafkaBrokers: text('KAFKA_BROKERS'),
    schemaRegistryUrl: text('SCHEMA_REGISTRY_URL'),
    databaseUrl: text('DATABASE_URL'),
    cacheDirectory: join(text('XDG_CACHE_HOME') ?? join(homedir(), '.cache'), 'banyan'),
    javaHome: text('JAVA_HOME'),
    dockerHost: text('DOCKER_HOST'),
    runtimeDirectory: text('XDG_RUNTIME_DIR'),
  };
}

/** The configuration without anybody else's Kafka, registry and PostgreSQL. */
function withoutEnvironment(config: StackConfig): StackConfig {
  const provider = config.provider === 'env' ? undefined : config.provider;
  return { ...config, provider, kafkaBrokers: undefined, schemaRegistryUrl: undefined, databaseUrl: undefined };
}

/** The environment a child process gets: ours, and `extra` on top. */
function childEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { ...process.env, ...extra };
}

export { childEnvironment, readStackConfig, type StackConfig, withoutEnvironment };
