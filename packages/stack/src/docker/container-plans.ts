import { databaseAnswers } from '../database-answers.js';
import { kafkaAnswers } from '../kafka-answers.js';
import { registryAnswers } from '../registry-answers.js';
import {
  BROKER_SETTINGS,
  brokerJvm,
  INITDB_ARGUMENTS,
  QUICK_START,
  registrySettings,
  SERVER_SETTINGS,
  SUPERUSER,
} from '../settings.js';

/** A container as it is to be, and where it will listen. */
interface ContainerPlan {
  readonly environment: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  /** The port inside the container. */
  readonly port: number;
  /** The folder that is kept with the data. */
  readonly volume: string;
  readonly address: string;
  readonly isReady: () => Promise<boolean>;
}

interface Place {
  readonly host: string;
  readonly port: number;
}

interface KafkaOptions {
  /** Where clients are told to find it; undefined = at its own port. */
  readonly kafkaLinkPort: number | undefined;
  readonly longRunning: boolean;
}

function planKafkaContainer({ host, port }: Place, { kafkaLinkPort = port, longRunning }: KafkaOptions): ContainerPlan {
  const { heap, running } = brokerJvm({ longRunning });
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': '1@localhost:9093',
    'controller.listener.names': 'CONTROLLER',
    listeners: 'PLAINTEXT://:9092,CONTROLLER://:9093',
    'advertised.listeners': `PLAINTEXT://${host}:${kafkaLinkPort}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': '/var/lib/kafka/data',
    ...BROKER_SETTINGS,
  };
  // The image's own spelling of a setting: KAFKA_ and the name in capitals, dots as underscores.
  const environment = Object.entries(settings).map(([name, value]): [string, string] => [
    `KAFKA_${name.replaceAll('.', '_').toUpperCase()}`,
    String(value),
  ]);
  return {
    environment: {
      ...Object.fromEntries(environment),
      KAFKA_HEAP_OPTS: heap.join(' '),
      KAFKA_JVM_PERFORMANCE_OPTS: running.join(' '),
    },
    port: 9092,
    volume: '/var/lib/kafka/data',
    address: `${host}:${port}`,
    isReady: () => kafkaAnswers(host, port),
  };
}

function planRegistryContainer({ host, port }: Place): ContainerPlan {
  const address = `http://${host}:${port}/apis/ccompat/v7`;
  return {
    environment: {
      ...registrySettings('/tmp/registry'),
      JAVA_TOOL_OPTIONS: ['-Xms64m', '-Xmx256m', ...QUICK_START].join(' '),
    },
    port: 8080,
    // The one folder that the image's user may surely write: a new volume takes over the rights of the folder it covers.
    volume: '/tmp',
    address,
    isReady: () => registryAnswers(address),
  };
}

function planPostgresContainer({ host, port }: Place, password: string, durable: boolean): ContainerPlan {
  const address = `postgres://${SUPERUSER}:${password}@${host}:${port}/postgres`;
  const settings = { ...SERVER_SETTINGS, ...(durable ? {} : { fsync: 'off', full_page_writes: 'off' }) };
  return {
    environment: {
      POSTGRES_USER: SUPERUSER,
      POSTGRES_PASSWORD: password,
      POSTGRES_DB: 'postgres',
      POSTGRES_INITDB_ARGS: INITDB_ARGUMENTS.join(' '),
    },
    command: ['postgres', ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    port: 5432,
    // From 18 on the image keeps its data in a folder below this one.
    volume: '/var/lib/postgresql',
    address,
    isReady: () => databaseAnswers(address),
  };
}

export { type ContainerPlan, planKafkaContainer, planPostgresContainer, planRegistryContainer };
