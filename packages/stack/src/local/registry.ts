import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { childEnvironment } from '../config.js';
import { registryAnswers } from '../registry-answers.js';
import { QUICK_START, registrySettings } from '../settings.js';
import { JVM } from './java.js';
import type { ProcessPlan } from './managed-process.js';

interface RegistryOptions {
  readonly java: string;
  readonly jar: string;
  readonly directory: string;
  readonly port: number;
  readonly logFile: string;
}

/** Apicurio Registry, with its schemas in an H2 file in `directory`. */
async function planRegistry({ java, jar, directory, port, logFile }: RegistryOptions): Promise<ProcessPlan> {
  await mkdir(directory, { recursive: true });
  return {
    command: java,
    args: [
      '-Xms64m',
      '-Xmx256m',
      ...QUICK_START,
      ...JVM,
      `-Dvertx.cacheDirBase=${join(directory, 'vertx')}`,
      '-jar',
      jar,
    ],
    cwd: dirname(jar),
    env: childEnvironment({
      ...registrySettings(join(directory, 'registry')),
      QUARKUS_HTTP_HOST: '127.0.0.1',
      HTTP_PORT: String(port),
    }),
    logFile,
    stopSignal: 'SIGTERM',
    abortSignal: 'SIGKILL',
    isReady: () => registryAnswers(registryUrl(port)),
  };
}

function registryUrl(port: number): string {
  return `http://127.0.0.1:${port}/apis/ccompat/v7`;
}

export { planRegistry, registryUrl };
