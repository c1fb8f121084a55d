import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Artefacts, javaArtefacts } from '../local/artefacts.js';
import { findJava } from '../local/java.js';
import { planKafka } from '../local/kafka.js';
import { ManagedProcess, type ProcessPlan } from '../local/managed-process.js';
import { planPostgres } from '../local/postgres.js';
import { planRegistry, registryUrl } from '../local/registry.js';
import { freePorts } from '../ports.js';
import { isPrerequisiteMissing, prerequisiteMissing } from '../prerequisite.js';
import type { ServiceName } from '../stack.js';
import type { Addresses, Provider, StartContext } from './provider.js';

/** Processes of this machine: Kafka and the registry from Maven artefacts, PostgreSQL from npm. */
function localProvider(why: string, whyNotDocker?: string): Provider {
  return {
    name: 'local',
    why,
    start: async (context) => {
      try {
        return await startLocal(context);
      } catch (error) {
        // Both ways are closed, and the sentence says so.
        if (whyNotDocker === undefined || !isPrerequisiteMissing(error)) throw error;
        throw prerequisiteMissing(`${whyNotDocker}, and ${error.data.missing}`, error.cause);
      }
    },
  };
}

async function startLocal(context: StartContext): Promise<Addresses> {
  if (process.platform === 'win32') throw prerequisiteMissing('local processes are not supported on Windows');
  const ports = await portsOf(context.dataDirectory);
  const java = needsJava(context.only) ? await prepareJava(context) : undefined;
  const addresses: Addresses = {};
  const parts: Record<ServiceName, () => Promise<void>> = {
    kafka: async () => {
      const { java: command, kafkaJars } = needed(java);
      const where = place(context, 'kafka');
      const advertisedPort = context.kafkaLinkPort ?? ports.kafka.port;
      const { longRunning } = context;
      const plan = await planKafka({
        java: command,
        jars: kafkaJars,
        ...where,
        ...ports.kafka,
        advertisedPort,
        longRunning,
      });
      await launch(context, 'kafka', plan);
      addresses.kafka = `127.0.0.1:${ports.kafka.port}`;
    },
    registry: async () => {
      const { java: command, registryJar } = needed(java);
      const where = place(context, 'registry');
      await launch(
        context,
        'registry',
        await planRegistry({ java: command, jar: registryJar, ...where, port: ports.registry }),
      );
      addresses.registry = registryUrl(ports.registry);
    },
    postgres: async () => {
      const where = place(context, 'postgres');
      const { plan, url } = await planPostgres({ ...where, port: ports.postgres, durable: context.durable });
      await launch(context, 'postgres', plan);
      addresses.postgres = url;
    },
  };
  await Promise.all(context.only.map((name) => parts[name]()));
  return addresses;
}

type JavaParts = Artefacts & { readonly java: string };

async function prepareJava({ config, say }: StartContext): Promise<JavaParts> {
  const java = await findJava(config);
  return { java, ...(await javaArtefacts(config, say)) };
}

function needsJava(only: readonly ServiceName[]): boolean {
  return only.includes('kafka') || only.includes('registry');
}

function needed(java: JavaParts | undefined): JavaParts {
  if (java === undefined) throw new Error('Java was not prepared.');
  return java;
}

function place({ dataDirectory }: StartContext, name: ServiceName): { directory: string; logFile: string } {
  return { directory: join(dataDirectory, name), logFile: join(dataDirectory, 'logs', `${name}.log`) };
}

async function launch(context: StartContext, name: ServiceName, plan: ProcessPlan): Promise<void> {
  await context.launch(new ManagedProcess(name, plan, context.recorder));
}

interface Ports {
  readonly kafka: { readonly port: number; readonly controllerPort: number };
  readonly registry: number;
  readonly postgres: number;
}

/** The ports this data was served at the last time, where they are free: addresses in a developer's notes stay right. */
async function portsOf(dataDirectory: string): Promise<Ports> {
  const file = join(dataDirectory, 'ports.json');
  const last: number[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
  const ports = await freePorts(4, last);
  writeFileSync(file, JSON.stringify(ports));
  const [port = 0, controllerPort = 0, registry = 0, postgres = 0] = ports;
  return { kafka: { port, controllerPort }, registry, postgres };
}

export { localProvider };
