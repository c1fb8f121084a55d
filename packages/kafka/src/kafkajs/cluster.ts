import { type ClientOptions, CONNECTION } from './client.js';
import { Cluster, type InnerCluster, READ_COMMITTED } from './internals.js';
import { patchKafkajs } from './patches.js';
import { Sockets } from './sockets.js';
import { registerZstd } from './zstd.js';

export interface ClusterOptions extends Pick<ClientOptions, 'brokers' | 'clientId' | 'requestTimeoutMs'> {
  readonly sockets: Sockets;
  /** kafkajs' own. */
  readonly logger: unknown;
}

/** kafkajs' inner cluster, and a way to be rid of its connections. */
export interface OwnCluster extends InnerCluster {
  /** Ends all its connections, with what is under way on them; it opens others when it is asked for something. */
  breakOff(): void;
}

/** Not connected yet: it speaks the protocol where kafkajs itself offers too little. */
export function createCluster({ brokers, clientId, requestTimeoutMs, sockets, logger }: ClusterOptions): OwnCluster {
  patchKafkajs();
  registerZstd();
  const own = new Sockets(sockets.factory);
  const cluster = new Cluster({
    ...CONNECTION,
    requestTimeout: requestTimeoutMs ?? CONNECTION.requestTimeout,
    brokers: [...brokers],
    clientId,
    logger,
    socketFactory: own.factory,
    allowAutoTopicCreation: false,
    metadataMaxAge: 60_000,
    isolationLevel: READ_COMMITTED,
  });
  return Object.assign(cluster, { breakOff: () => own.breakOff() });
}
