import { type ClientOptions, CONNECTION } from './client.js';
import { Cluster, type InnerCluster, READ_COMMITTED } from './internals.js';
import { patchKafkajs } from './patches.js';
import type { Sockets } from './sockets.js';
import { registerZstd } from './zstd.js';

export interface ClusterOptions extends Pick<ClientOptions, 'brokers' | 'clientId' | 'requestTimeoutMs'> {
  readonly sockets: Sockets;
  /** kafkajs' own. */
  readonly logger: unknown;
}

/** kafkajs' inner cluster, not connected yet: it speaks the protocol where kafkajs itself offers too little. */
export function createCluster({ brokers, clientId, requestTimeoutMs, sockets, logger }: ClusterOptions): InnerCluster {
  patchKafkajs();
  registerZstd();
  return new Cluster({
    ...CONNECTION,
    requestTimeout: requestTimeoutMs ?? CONNECTION.requestTimeout,
    brokers: [...brokers],
    clientId,
    logger,
    socketFactory: sockets.factory,
    allowAutoTopicCreation: false,
    metadataMaxAge: 60_000,
    isolationLevel: READ_COMMITTED,
  });
}
