/** What every provider sets alike, so that a test means the same on each of them. */

/** For one broker with little memory, and for clients that need not wait. */
const BROKER_SETTINGS: Readonly<Record<string, string | number | boolean>> = {
  'auto.create.topics.enable': false,
  'offsets.topic.replication.factor': 1,
  'offsets.topic.num.partitions': 5,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'transaction.state.log.num.partitions': 5,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
  'share.coordinator.state.topic.num.partitions': 1,
  'group.initial.rebalance.delay.ms': 0,
  // A broker that was killed may register again only when its last session is over (9 s by default).
  'broker.session.timeout.ms': 6_000,
  'broker.heartbeat.interval.ms': 1_000,
  'num.network.threads': 2,
  'num.io.threads': 4,
  'log.cleaner.dedupe.buffer.size': 8 * 1024 * 1024,
  'log.index.size.max.bytes': 2 * 1024 * 1024,
};

/** A start takes seconds, and most of it is class loading: one compiler tier and one collector thread leave the cores to others. */
const QUICK_START: readonly string[] = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

interface BrokerJvm {
  readonly heap: readonly string[];
  readonly running: readonly string[];
}

/** Kafka's arguments of the JVM. @param longRunning as `StackOptions` say: with all of the compiler, as Kafka's own script starts it */
function brokerJvm({ longRunning }: { readonly longRunning: boolean }): BrokerJvm {
  return longRunning
    ? { heap: ['-Xms512m', '-Xmx512m'], running: ['-XX:+UseSerialGC'] }
    : { heap: ['-Xms128m', '-Xmx384m'], running: QUICK_START };
}

/** @param file where the schemas are kept, without a suffix */
function registrySettings(file: string): Record<string, string> {
  return {
    // A schema that was answered for is on disk (H2 writes half a second later by default): it must outlive a kill -9.
    REGISTRY_DATASOURCE_URL: `jdbc:h2:file:${file};WRITE_DELAY=0`,
    // By default it ends for good when its own database takes 5 s to open, as on a machine that starts much at once.
    QUARKUS_DATASOURCE_JDBC_ACQUISITION_TIMEOUT: 'PT60S',
    LOG_LEVEL: 'WARN',
    REGISTRY_LOG_LEVEL: 'WARN',
  };
}

const SUPERUSER = 'banyan';

const SERVER_SETTINGS: Readonly<Record<string, string>> = {
  max_connections: '300',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** Text sorts and folds the same on every machine. */
const INITDB_ARGUMENTS: readonly string[] = [
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
];

export { BROKER_SETTINGS, brokerJvm, INITDB_ARGUMENTS, QUICK_START, registrySettings, SERVER_SETTINGS, SUPERUSER };
