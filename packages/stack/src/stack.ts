/** The parts of a local stack, by the names used in messages, logs and fault tests. */
type ServiceName = 'kafka' | 'registry' | 'postgres';

const SERVICE_NAMES: readonly ServiceName[] = ['kafka', 'registry', 'postgres'];

/**
 * One service of a stack, for fault tests. It keeps its address and its data through stop, kill and start.
 * Where the stack came from the environment, each call throws `STACK_NOT_OURS`: Banyan stops nothing that it did not start.
 */
interface StackService {
  readonly name: ServiceName;
  /** False after `stop`, `kill`, or when it ended by itself. */
  readonly running: boolean;
  /** Starts it again at the same address; resolves when it answers. Nothing happens when it runs. */
  start(): Promise<void>;
  /** Asks it to end and waits until it is gone; after 15 s it is killed. */
  stop(): Promise<void>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

type ProviderName = 'env' | 'docker' | 'local';

/** A running Kafka, registry and PostgreSQL. Reading the address of a part left out by `only` throws `STACK_NOT_STARTED`. */
interface Stack {
  readonly provider: ProviderName;
  /** Comma-separated `host:port`. */
  readonly kafkaBrokers: string;
  /** Base address of the registry's Confluent-compatible API. */
  readonly schemaRegistryUrl: string;
  /** A superuser's address of the maintenance database. */
  readonly databaseUrl: string;
  /** One line: which provider was chosen, why, and where the parts listen. */
  readonly describe: string;
  readonly services: Readonly<Record<ServiceName, StackService>>;
  /** Ends what was started, and removes the data of an ephemeral stack. May be called twice. */
  stop(): Promise<void>;
}

interface StackOptions {
  /** Receives the line that says what was chosen and why, and progress of long steps. Default: nothing is said. */
  readonly say?: (line: string) => void;
  /** Where data is kept. Default: `.banyan/data` in the checkout, or a temporary directory when ephemeral. */
  readonly dataDir?: string;
  /** True for tests: fresh data, removed by `stop`. Default false: data stays for the next start of this checkout. */
  readonly ephemeral?: boolean;
  /** PostgreSQL waits for the disk before it says that something is written. Default: unless ephemeral. */
  readonly durable?: boolean;
  /**
   * Kafka is there to be measured, or for days: its JVM compiles and is sized for a long run, which takes CPU in the first minutes. Default false:
   * it is started in seconds. Not for a stack from the environment.
   */
  readonly longRunning?: boolean;
  /** True for tests that stop parts: a stack of its own, even where the environment names one. Default false. */
  readonly own?: boolean;
  /** Where Kafka tells clients to find it: the port of a link in front of it. Default: its own. Not for a stack from the environment. */
  readonly kafkaLinkPort?: number;
  /** Start these parts only. Default: all three. */
  readonly only?: readonly ServiceName[];
  /**
   * On SIGINT, SIGTERM and SIGHUP the stack stops and the process exits with 128 + signal. False when the caller has its own
   * shutdown that calls `stop`; whatever is left when the process exits is still killed. Default true.
   */
  readonly exitOnSignal?: boolean;
}

export { type ProviderName, SERVICE_NAMES, type ServiceName, type Stack, type StackOptions, type StackService };
