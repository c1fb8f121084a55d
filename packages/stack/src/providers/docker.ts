import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerRuntimeClient } from 'testcontainers';
import type { StackConfig } from '../config.js';
import { dockerAnswers } from '../docker/answers.js';
import {
  type ContainerPlan,
  planKafkaContainer,
  planPostgresContainer,
  planRegistryContainer,
} from '../docker/container-plans.js';
import { ContainerService } from '../docker/container-service.js';
import { IMAGES, imagesMissing } from '../docker/images.js';
import { dockerRuntime } from '../docker/runtime.js';
import { freePorts } from '../ports.js';
import type { ServiceName } from '../stack.js';
import type { Addresses, Provider, StartContext } from './provider.js';

/** Docker with all the images, or why not. */
type DockerLook = { readonly runtime: ContainerRuntimeClient } | { readonly why: string };

/** Asks whether Docker answers quickly and has, or can fetch, the images of these parts. */
async function lookForDocker(
  config: StackConfig,
  only: readonly ServiceName[],
  say: (line: string) => void,
): Promise<DockerLook> {
  if (!(await dockerAnswers(config))) return { why: 'Docker does not answer' };
  try {
    const runtime = await dockerRuntime();
    const why = await imagesMissing(runtime, only, say);
    return why === undefined ? { runtime } : { why };
  } catch (error) {
    return { why: `Docker cannot be used (${error instanceof Error ? error.message : error})` };
  }
}

/** A container for each part, on ports of this machine. */
function dockerProvider(runtime: ContainerRuntimeClient, why: string): Provider {
  return { name: 'docker', why, start: (context) => startDocker(runtime, context) };
}

async function startDocker(runtime: ContainerRuntimeClient, context: StartContext): Promise<Addresses> {
  const kept = await keptSettings(context.dataDirectory);
  const [kafka = 0, registry = 0, postgres = 0] = kept.ports;
  const host = runtime.info.containerRuntime.host === 'localhost' ? '127.0.0.1' : runtime.info.containerRuntime.host;
  const plans: Record<ServiceName, [ContainerPlan, number]> = {
    kafka: [planKafkaContainer({ host, port: kafka }, context), kafka],
    registry: [planRegistryContainer({ host, port: registry }), registry],
    postgres: [planPostgresContainer({ host, port: postgres }, kept.password, context.durable), postgres],
  };
  const addresses: Addresses = {};
  await Promise.all(
    context.only.map(async (name) => {
      const [plan, port] = plans[name];
      const binding = { HostIp: host === '127.0.0.1' ? host : '', HostPort: String(port) };
      const container = await runtime.container.create({
        Image: IMAGES[name],
        Env: Object.entries(plan.environment).map(([variable, value]) => `${variable}=${value}`),
        ...(plan.command === undefined ? {} : { Cmd: [...plan.command] }),
        Labels: { 'banyan.stack': context.recorder.record.id },
        ExposedPorts: { [`${plan.port}/tcp`]: {} },
        HostConfig: {
          PortBindings: { [`${plan.port}/tcp`]: [binding] },
          ShmSize: 128 * 1024 * 1024,
          // Data that is kept is in a volume with a name; all else goes with the container.
          ...(context.ephemeral ? {} : { Binds: [`${kept.volumes}-${name}:${plan.volume}`] }),
        },
      });
      context.recorder.addContainer(container.id);
      await context.launch(new ContainerService(name, container, plan.isReady));
      addresses[name] = plan.address;
    }),
  );
  return addresses;
}

interface KeptSettings {
  /** How the names of the volumes begin. */
  readonly volumes: string;
  readonly password: string;
  readonly ports: readonly number[];
}

/** The settings this data was served with the last time; a port that is taken now is replaced. */
async function keptSettings(dataDirectory: string): Promise<KeptSettings> {
  const file = join(dataDirectory, 'docker.json');
  mkdirSync(dataDirectory, { recursive: true });
  const last: KeptSettings = existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8'))
    : {
        volumes: `banyan-${randomBytes(4).toString('hex')}`,
        password: randomBytes(12).toString('base64url'),
        ports: [],
      };
  const kept = { ...last, ports: await freePorts(3, last.ports) };
  writeFileSync(file, JSON.stringify(kept), { mode: 0o600 });
  return kept;
}

export { type DockerLook, dockerProvider, lookForDocker };
