import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BanyanError } from '@banyan/core';
import { childEnvironment } from '../config.js';
import { kafkaAnswers } from '../kafka-answers.js';
import { BROKER_SETTINGS, brokerJvm, QUICK_START } from '../settings.js';
import { JVM } from './java.js';
import type { ProcessPlan } from './managed-process.js';
import { run } from './run.js';

interface KafkaOptions {
  readonly java: string;
  /** The folder of Kafka's jars. */
  readonly jars: string;
  readonly directory: string;
  readonly port: number;
  /** Where clients are told to find it. */
  readonly advertisedPort: number;
  readonly controllerPort: number;
  /** `StackOptions.longRunning` */
  readonly longRunning: boolean;
  readonly logFile: string;
}

/** One broker that is its own controller (KRaft), with its log in `directory`. */
async function planKafka(options: KafkaOptions): Promise<ProcessPlan> {
  const { java, jars, directory, port, logFile } = options;
  const { heap, running } = brokerJvm(options);
  await mkdir(directory, { recursive: true });
  const settings = join(directory, 'server.properties');
  await writeFile(settings, serverProperties(options));
  const classPath = ['-cp', join(jars, '*'), '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'];
  if (!existsSync(join(directory, 'log', 'meta.properties'))) await format(java, classPath, settings);
  return {
    command: java,
    args: [...heap, ...running, ...JVM, ...classPath, 'kafka.Kafka', settings],
    cwd: directory,
    env: childEnvironment(),
    logFile,
    stopSignal: 'SIGTERM',
    abortSignal: 'SIGKILL',
    isReady: () => kafkaAnswers('127.0.0.1', port),
  };
}

async function format(java: string, classPath: readonly string[], settings: string): Promise<void> {
  // One argument: the id may begin with a dash, and would be taken for an option of its own.
  const cluster = randomBytes(16).toString('base64url');
  const args = [
    '-Xmx128m',
    ...QUICK_START,
    ...JVM,
    ...classPath,
    'kafka.tools.StorageTool',
    'format',
    `--cluster-id=${cluster}`,
    '-c',
    settings,
  ];
  const { code, output } = await run(java, args, { timeoutMs: 60_000 });
  if (code !== 0) throw new BanyanError('STACK_SERVICE_FAILED', `Kafka's log could not be formatted: ${output}`);
}

function serverProperties({ directory, port, advertisedPort, controllerPort }: KafkaOptions): string {
  const lines = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${advertisedPort}`,
    'log.dirs': join(directory, 'log'),
    ...BROKER_SETTINGS,
  };
  return Object.entries(lines)
    .map(([name, value]) => `${name}=${String(value).replaceAll('\\', '\\\\')}\n`)
    .join('');
}

export { planKafka };
