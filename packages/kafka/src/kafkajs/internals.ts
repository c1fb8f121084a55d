import { createRequire } from 'node:module';
import type { ISocketFactory } from 'kafkajs';
import type { BatchedRecord } from '../record-batch/read-batches.js';

/**
 * The inner parts of kafkajs 2.2.4 that Banyan patches or uses, typed as far as it does. The version is pinned: another one
 * needs every line here looked at again. `internals.spec.ts` has a line for each, and fails when one is gone or has none.
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

/** As kafkajs reads a message, from brokers before 2.3 and in forms before record batches. */
export interface KafkajsMessage {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly isControlRecord?: boolean;
}

export interface InnerBroker {
  fetch(request: {
    maxWaitTime: number;
    minBytes: number;
    maxBytes: number;
    isolationLevel: number;
    topics: { topic: string; partitions: { partition: number; fetchOffset: string; maxBytes: number }[] }[];
  }): Promise<{
    responses: { topicName: string; partitions: { partition: number; messages: FetchedMessage[] }[] }[];
  }>;
  initProducerId(request: { transactionTimeout: number }): Promise<{ producerId: string; producerEpoch: number }>;
  disconnect(): Promise<void>;
  /** By api key, once it is connected. */
  readonly versions: Readonly<Record<number, { readonly minVersion: number; readonly maxVersion: number }>> | null;
  readonly connectionPool: {
    readonly host: string;
    readonly port: number;
    /** Resolves with what `response.parse` makes of the answer. */
    send<T>(protocol: Protocol<T>): Promise<T>;
  };
}

/** A request of Kafka's protocol, and how its answer is read. */
export interface Protocol<T> {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    expectResponse(): boolean;
    encode(): Promise<InnerEncoder>;
  };
  readonly response: { decode(answer: Buffer): Promise<T>; parse(decoded: T): Promise<T> };
}

export interface InnerEncoder {
  readonly buffer: Buffer;
  writeBuffer(bytes: Buffer): InnerEncoder;
}

/** As it is read here from all others. */
export type FetchedMessage = KafkajsMessage | BatchedRecord;

/** What turns the bytes of an answer into what `parse` and the consumer group use. */
export interface ResponseReader {
  decode(bytes: Buffer): Promise<unknown>;
}

export interface InnerCluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  isConnected(): boolean;
  addTargetTopic(topic: string): Promise<void>;
  refreshMetadata(): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Record<string, number[]>;
  findBroker(which: { nodeId: string }): Promise<InnerBroker>;
  findControllerBroker(): Promise<InnerBroker>;
  removeBroker(which: { host: string; port: number }): void;
}

export interface ProduceAnswer {
  readonly topics: readonly {
    readonly topicName: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly errorCode: number;
      readonly baseOffset: string;
    }[];
  }[];
}

export const Connection = require('kafkajs/src/network/connection') as { prototype: ConnectionPrototype };
export const RequestQueue = require('kafkajs/src/network/requestQueue') as { prototype: RequestQueuePrototype };
export const Cluster = require('kafkajs/src/cluster') as new (options: Record<string, unknown>) => InnerCluster;
/** What a cluster's brokers are, and what they send through. */
export const Broker = require('kafkajs/src/broker') as { prototype: object };
export const ConnectionPool = require('kafkajs/src/network/connectionPool') as { prototype: object };
export const Encoder = require('kafkajs/src/protocol/encoder') as new (bytes?: number) => InnerEncoder;
/** Reads what brokers answer to a produce request of version 7. */
export const decodeProduceAnswer = (
  require('kafkajs/src/protocol/requests/produce/v7/response') as { decode(answer: Buffer): Promise<ProduceAnswer> }
).decode;
export const createErrorFromCode = (
  require('kafkajs/src/protocol/error') as { createErrorFromCode(code: number): Error }
).createErrorFromCode;
export const crc32c = require('kafkajs/src/protocol/recordBatch/crc32C') as (bytes: Buffer) => number;
export const FetchResponse = require('kafkajs/src/protocol/requests/fetch/v11/response') as ResponseReader;
export const { lookupCodecByAttributes } = require('kafkajs/src/protocol/message/compression') as {
  lookupCodecByAttributes(attributes: number): { decompress(bytes: Buffer): Promise<Buffer> } | null;
};
export const socketFactory = require('kafkajs/src/network/socketFactory') as () => ISocketFactory;

export const READ_COMMITTED = 1;
