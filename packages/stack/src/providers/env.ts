import { BanyanError } from '@banyan/core';
import type { StackConfig } from '../config.js';
import type { ServiceName, StackService } from '../stack.js';
import type { Provider } from './provider.js';

type Addressed = Readonly<Record<'kafkaBrokers' | 'schemaRegistryUrl' | 'databaseUrl', string>>;

/** True when all three addresses are given. */
function environmentIsSet(config: StackConfig): config is StackConfig & Addressed {
  return missingVariables(config).length === 0;
}

/** The names of the variables that are not set. */
function missingVariables({ kafkaBrokers, schemaRegistryUrl, databaseUrl }: StackConfig): string[] {
  const variables = { KAFKA_BROKERS: kafkaBrokers, SCHEMA_REGISTRY_URL: schemaRegistryUrl, DATABASE_URL: databaseUrl };
  return Object.entries(variables)
    .filter(([, value]) => value === undefined)
    .map(([name]) => name);
}

/** Servers that somebody else runs: they are used and never started, stopped or emptied. */
function envProvider(why: string): Provider {
  return {
    name: 'env',
    why,
    start: async ({ config }) => {
      const missing = missingVariables(config);
      if (missing.length > 0) {
        throw new BanyanError(
          'STACK_CONFIG_INVALID',
          `The stack is to come from the environment, and ${missing.join(', ')} is not set; set all three, or unset BANYAN_STACK.`,
          { data: { missing } },
        );
      }
      return {
        kafka: config.kafkaBrokers ?? '',
        registry: config.schemaRegistryUrl ?? '',
        postgres: config.databaseUrl ?? '',
      };
    },
  };
}

/** A service that this stack did not start: fault tests cannot be run on it. */
function notOurs(name: ServiceName): StackService {
  const refuse = async (): Promise<void> => {
    throw new BanyanError(
      'STACK_NOT_OURS',
      `The ${name} was not started by this stack, so it is not stopped by it; unset KAFKA_BROKERS, SCHEMA_REGISTRY_URL and DATABASE_URL to get one of its own.`,
      { data: { service: name } },
    );
  };
  return { name, running: true, start: refuse, stop: refuse, kill: refuse };
}

export { environmentIsSet, envProvider, missingVariables, notOurs };
