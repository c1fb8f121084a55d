import { createRequire } from 'node:module';
import type { ISocketFactory } from 'kafkajs';

/**
 * The inner parts of kafkajs 2.2.4 that Banyan patches or uses, typed as far as it does. The version is pinned: another one
 * needs every line here looked at again (`kafkajs-patches.spec.ts` fails when a part is gone).
 */
const require = createRequire(import.meta.url);

export interface ConnectionPrototype {
  isConnected(): boolean;
  connect(): Promise<boolean>;
  chunks: Buffer[];
  bytesBuffered: number;
  bytesNeeded: number;
}

export interface RequestQueuePrototype {
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  throttledUntil: number;
  readonly pending: readonly unknown[];
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

export interface FetchedMessage {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly isControlRecord?: boolean;
}

export interface InnerCluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Record<string, number[]>;
  findBroker(which: { nodeId: string }): Promise<{
    fetch(request: {
      maxWaitTime: number;
      minBytes: number;
      maxBytes: number;
      isolationLevel: number;
      topics: { topic: string; partitions: { partition: number; fetchOffset: string; maxBytes: number }[] }[];
    }): Promise<{
      responses: { topicName: string; partitions: { partition: number; messages: FetchedMessage[] }[] }[];
    }>;
  }>;
}

export const Connection = require('kafkajs/src/network/connection') as { prototype: ConnectionPrototype };
export const RequestQueue = require('kafkajs/src/network/requestQueue') as { prototype: RequestQueuePrototype };
export const Cluster = require('kafkajs/src/cluster') as new (options: Record<string, unknown>) => InnerCluster;
export const socketFactory = require('kafkajs/src/network/socketFactory') as () => ISocketFactory;

export const READ_COMMITTED = 1;
