import type { StackConfig } from './config.js';
import { prerequisiteMissing } from './prerequisite.js';
import { dockerProvider, lookForDocker } from './providers/docker.js';
import { environmentIsSet, envProvider } from './providers/env.js';
import { localProvider } from './providers/local.js';
import type { Provider } from './providers/provider.js';
import type { ServiceName } from './stack.js';

const ASKED_FOR = 'BANYAN_STACK asks for it';

/** Addresses in the environment, else Docker, else local processes; `BANYAN_STACK` overrules. Each says why. */
async function chooseProvider(
  config: StackConfig,
  only: readonly ServiceName[],
  say: (line: string) => void,
): Promise<Provider> {
  if (config.provider === 'env') return envProvider(ASKED_FOR);
  if (config.provider === 'local') return localProvider(ASKED_FOR);
  if (config.provider === undefined && environmentIsSet(config)) {
    return envProvider('KAFKA_BROKERS, SCHEMA_REGISTRY_URL and DATABASE_URL are set');
  }
  const docker = await lookForDocker(config, only, say);
  if (config.provider === 'docker') {
    if ('why' in docker) throw prerequisiteMissing(docker.why);
    return dockerProvider(docker.runtime, ASKED_FOR);
  }
  if ('why' in docker) return localProvider(docker.why, docker.why);
  return dockerProvider(docker.runtime, 'it answers and has the images');
}

export { chooseProvider };
