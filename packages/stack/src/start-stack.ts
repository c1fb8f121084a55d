import { BanyanError } from '@banyan/core';
import { chooseProvider } from './choose-provider.js';
import { readStackConfig, withoutEnvironment } from './config.js';
import { Crew } from './crew.js';
import { removeContainers } from './docker/runtime.js';
import { cleanUpAfterCrashes } from './ownership/clean-up.js';
import { notOurs } from './providers/env.js';
import type { Addresses, Provider } from './providers/provider.js';
import { SERVICE_NAMES, type ServiceName, type Stack, type StackOptions, type StackService } from './stack.js';

/**
 * A running Kafka, schema registry and PostgreSQL: those named by the environment, else in Docker, else as local processes
 * (`BANYAN_STACK=env|docker|local` overrules). First ends what an earlier stack of this checkout left behind by a crash.
 * All parts answer when it resolves: about 7 s for local processes, more when they have to be fetched first.
 *
 * Ends with this process: by `stop`, on a signal, on exit and on an uncaught error.
 * @throws BanyanError `STACK_PREREQUISITE_MISSING` (one sentence with the ways out), `STACK_ALREADY_RUNNING` (another process
 *   serves the same data), `STACK_DOWNLOAD_FAILED`, `STACK_SERVICE_FAILED` (with the end of the service's log),
 *   `STACK_CONFIG_INVALID`
 */
async function startStack(options: StackOptions = {}): Promise<Stack> {
  const { say = () => undefined, only = SERVICE_NAMES } = options;
  const config = options.own ? withoutEnvironment(readStackConfig()) : readStackConfig();
  await cleanUpAfterCrashes({ removeContainers, say });
  const provider = await chooseProvider(config, only, say);
  say(`stack: ${provider.name}, because ${provider.why}`);
  const crew = new Crew(provider, options);
  try {
    await crew.prepare();
    const addresses = await provider.start({
      config,
      only,
      dataDirectory: crew.dataDirectory,
      ephemeral: crew.ephemeral,
      durable: options.durable ?? !crew.ephemeral,
      longRunning: options.longRunning ?? false,
      kafkaLinkPort: options.kafkaLinkPort,
      get recorder() {
        return crew.recorder;
      },
      say,
      launch: (service) => crew.launch(service),
    });
    return stackOf(provider, addresses, crew);
  } catch (error) {
    await crew.stop();
    throw error;
  }
}

function stackOf(provider: Provider, addresses: Addresses, crew: Crew): Stack {
  const address = (name: ServiceName): string => {
    const found = addresses[name];
    if (found !== undefined) return found;
    throw new BanyanError('STACK_NOT_STARTED', `The stack was started without ${name}; add it to "only".`);
  };
  const service = (name: ServiceName): StackService => crew.services.get(name) ?? notOurs(name);
  return {
    provider: provider.name,
    get kafkaBrokers() {
      return address('kafka');
    },
    get schemaRegistryUrl() {
      return address('registry');
    },
    get databaseUrl() {
      return address('postgres');
    },
    describe: describe(provider, addresses),
    services: { kafka: service('kafka'), registry: service('registry'), postgres: service('postgres') },
    stop: () => crew.stop(),
  };
}

function describe({ name, why }: Provider, addresses: Addresses): string {
  const parts = Object.entries(addresses).map(([part, address]) => `${part} ${withoutPassword(address)}`);
  return `stack: ${name}, because ${why}; ${parts.join(', ')}`;
}

function withoutPassword(address: string): string {
  return address.replace(/(:\/\/[^:/@]*):[^@/]*@/, '$1@');
}

export { startStack };
