import { BanyanError } from '@banyan/core';
import type { Resolver, Type } from 'avsc';
import { compile } from './avro.js';
import type { EventType } from './event-type.js';
import { assertValid } from './invalid-data.js';
import { compileRecordReader } from './record-reader.js';
import { compileRecordWriter, type RecordWriter } from './record-writer.js';
import { connectRegistry, type Registry, type RegistryOptions } from './registry.js';
import { frame, MAX_MESSAGE_BYTES, unframe } from './wire-format.js';
import { createWriter } from './writer.js';

export interface CodecOptions extends RegistryOptions {
  /** The types that this app encodes and decodes; any other is unknown to it. */
  readonly types: readonly EventType[];
}

/** Data <-> the Confluent wire format, for the types of one app. Never registers anything. */
export interface Codec {
  /**
   * Looks up the id of every type; to be called before `encode`, again after a failure.
   * @throws `CONTRACTS_SCHEMA_UNREGISTERED` naming all missing ones; `CONTRACTS_REGISTRY_DOWN` (retryable)
   */
  prepare(): Promise<void>;
  /**
   * @throws `CONTRACTS_INVALID_DATA` with all faults and their paths in `data.faults`; `CONTRACTS_MESSAGE_TOO_LARGE`;
   * `CONTRACTS_UNKNOWN_TYPE`; `CONTRACTS_NOT_PREPARED`
   */
  encode(type: string, data: unknown): Buffer;
  /**
   * Reads what any released writer wrote, as today's type.
   * @throws `CONTRACTS_UNKNOWN_TYPE`, `CONTRACTS_UNDECODABLE`: poison, trying again changes nothing;
   * `CONTRACTS_REGISTRY_DOWN`: retryable
   */
  decode(type: string, value: Buffer | null): Promise<unknown>;
  /**
   * As `decode`, at once; undefined = the registry must be asked for the writer's schema first, which only `decode` does. A promise for each
   * record is a tenth of what a consumer costs.
   */
  decodeKnown?(type: string, value: Buffer | null): unknown;
}

export function createCodec({ types, ...registryOptions }: CodecOptions): Codec {
  return codecOver(connectRegistry(registryOptions), types);
}

type ReadBody = (body: Buffer) => unknown;

interface Reader {
  readonly type: EventType;
  readonly avro: Type;
  readonly writeRecord: RecordWriter | undefined;
  /** How to read each writer's schema, by registry id: compiled once, since a resolver per message is 200 times slower. */
  readonly reads: Map<number, ReadBody | BanyanError>;
  id: number | undefined;
}

/** How long a registry's "no such id" is believed, milliseconds: a flood of poison must not become a flood of questions. */
const MISSING_FOR_MS = 60_000;

/** The codec over any registry. @param now monotonic milliseconds */
export function codecOver(registry: Registry, types: readonly EventType[], now = () => performance.now()): Codec {
  const readers = new Map<string, Reader>(types.map((type) => [type.name, readerFor(type)]));
  const missingUntil = new Map<number, number>();
  const write = createWriter();

  const readerOf = (type: string): Reader => {
    const reader = readers.get(type);
    if (reader !== undefined) return reader;
    throw new BanyanError(
      'CONTRACTS_UNKNOWN_TYPE',
      `Event type ${type} is unknown here; known are ${[...readers.keys()].join(', ')}. Deploy a version that knows it, then replay.`,
      { data: { type } },
    );
  };

  const learnToRead = async (reader: Reader, id: number): Promise<ReadBody> => {
    if ((missingUntil.get(id) ?? 0) > now()) throw undecodable(reader.type.name, `the registry has no schema ${id}`);
    let writer: Type | undefined;
    try {
      writer = await registry.schemaOf(id);
    } catch (error) {
      if (error instanceof BanyanError) throw error;
      throw undecodable(reader.type.name, `schema ${id} in the registry does not compile`, error);
    }
    if (writer === undefined) {
      missingUntil.set(id, now() + MISSING_FOR_MS);
      throw undecodable(reader.type.name, `the registry has no schema ${id}`);
    }
    try {
      const read = readBody(reader.avro, writer, reader.avro.createResolver(writer));
      reader.reads.set(id, read);
      return read;
    } catch (error) {
      const poison = undecodable(reader.type.name, `schema ${id} (${writer.name}) cannot be read as it`, error);
      reader.reads.set(id, poison);
      throw poison;
    }
  };

  const decodeKnown = (typeName: string, value: Buffer | null): unknown => {
    const reader = readerOf(typeName);
    const { id, body } = framedOf(typeName, value);
    const known = reader.reads.get(id);
    if (known instanceof BanyanError) throw known;
    return known && readWith(known, typeName, id, body);
  };

  return {
    prepare: async () => {
      const waiting = [...readers.values()].filter((reader) => reader.id === undefined);
      await Promise.all(
        waiting.map(async (reader) => {
          reader.id = await registry.idOf(reader.type);
          if (reader.id !== undefined) reader.reads.set(reader.id, readBody(reader.avro, reader.avro));
        }),
      );
      const missing = waiting.filter((reader) => reader.id === undefined).map((reader) => reader.type.name);
      if (missing.length > 0) {
        throw new BanyanError(
          'CONTRACTS_SCHEMA_UNREGISTERED',
          `The registry does not have today's schema of ${missing.join(', ')}; run \`npm run schemas:register\`, then start again.`,
          { data: { types: missing } },
        );
      }
    },

    encode: (typeName, data) => {
      const reader = readerOf(typeName);
      if (reader.id === undefined) {
        throw new BanyanError(
          'CONTRACTS_NOT_PREPARED',
          `${typeName} has no schema id yet; await codec.prepare() first.`,
          {
            data: { type: typeName },
          },
        );
      }
      const id = reader.id;
      const message = write((buffer, at) => {
        const begin = frame(buffer, at, id);
        const end = reader.writeRecord?.(data, buffer, begin) ?? -1;
        if (end >= 0 && end <= buffer.length) return end;
        assertValid(reader.avro, typeName, data);
        return reader.avro.encode(data, buffer, begin);
      });
      if (message !== undefined) return message;
      throw new BanyanError(
        'CONTRACTS_MESSAGE_TOO_LARGE',
        `${typeName} takes more than ${MAX_MESSAGE_BYTES} bytes; make it smaller, e.g. fewer lines.`,
        { data: { type: typeName, maxBytes: MAX_MESSAGE_BYTES } },
      );
    },

    decodeKnown,

    decode: async (typeName, value) => {
      const reader = readerOf(typeName);
      const { id, body } = framedOf(typeName, value);
      const known = reader.reads.get(id);
      if (known instanceof BanyanError) throw known;
      return readWith(known ?? (await learnToRead(reader, id)), typeName, id, body);
    },
  };
}

function framedOf(typeName: string, value: Buffer | null): { readonly id: number; readonly body: Buffer } {
  const framed = unframe(value);
  if ('fault' in framed) throw undecodable(typeName, framed.fault);
  return framed;
}

function readWith(read: ReadBody, typeName: string, id: number, body: Buffer): unknown {
  try {
    return read(body);
  } catch (error) {
    throw undecodable(typeName, `schema ${id}, ${body.length} bytes`, error);
  }
}

function readerFor(type: EventType): Reader {
  return {
    type,
    avro: compile(type.schema),
    writeRecord: compileRecordWriter(type.schema),
    reads: new Map(),
    id: undefined,
  };
}

/** @param resolver undefined = the writer is the reader */
function readBody(reader: Type, writer: Type, resolver?: Resolver): ReadBody {
  const readRecord = compileRecordReader(reader, writer);
  return (body) => readRecord?.(body) ?? reader.fromBuffer(body, resolver);
}

function undecodable(type: string, why: string, cause?: unknown): BanyanError {
  const detail = cause instanceof Error ? `${why}: ${cause.message}` : why;
  return new BanyanError(
    'CONTRACTS_UNDECODABLE',
    `The value of a ${type} cannot be read: ${detail}. Its bytes are kept; find its writer, mend the code or restate the entity.`,
    { data: { type, reason: detail }, cause },
  );
}
