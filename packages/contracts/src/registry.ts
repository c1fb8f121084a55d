import { BanyanError } from '@banyan/core';
import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import type { Type } from 'avsc';
import { compile } from './avro.js';
import type { EventType } from './event-type.js';

export interface RegistryOptions {
  /** Base URL of a Confluent-compatible registry. */
  readonly registryUrl: string;
  /** Longest wait for one answer of the registry, milliseconds. Default 5,000. */
  readonly timeoutMs?: number;
}

/**
 * The registry, as far as Banyan uses it. The subject of a type is its full name (RecordNameStrategy). All methods throw
 * `CONTRACTS_REGISTRY_DOWN` (retryable) where the registry itself gives no answer.
 */
export interface Registry {
  /** The id under which this very schema is registered; undefined = it is not. */
  idOf(type: EventType): Promise<number | undefined>;
  /** The compiled schema of an id; undefined = there is none. Throws what avsc finds wrong with it. */
  schemaOf(id: number): Promise<Type | undefined>;
  /** Registers, and sets FULL_TRANSITIVE where the subject is new. Repeats give the same id. Throws the client's refusal. */
  register(type: EventType): Promise<number>;
}

export function connectRegistry({ registryUrl, timeoutMs = 5_000 }: RegistryOptions): Registry {
  const host = registryUrl.replace(/\/+$/, '');
  const client = new SchemaRegistry({ host, retry: { retries: 0 }, middlewares: [bounded(timeoutMs)] });
  const down = (what: string, reason: string, cause?: unknown): BanyanError =>
    new BanyanError(
      'CONTRACTS_REGISTRY_DOWN',
      `The schema registry at ${registryUrl} gave no answer to ${what} (${reason}). Check that it runs and that SCHEMA_REGISTRY_URL is its Confluent API.`,
      { retryable: true, data: { registryUrl, reason }, cause },
    );

  // The client's own look-ups do not tell the registry's "there is no such schema" from a 404 of whatever else stands at that
  // address: a wrong URL or a gateway. To believe that one would turn every event into poison. So these two are asked here,
  // and only the registry's own 404xx counts as a no (a plain 404 in JSON says that the path is not the registry's).
  const lookUp = async (path: string, body?: object): Promise<Record<string, unknown> | undefined> => {
    const what = `${body === undefined ? 'GET' : 'POST'} ${path}`;
    let status: number;
    let answer: unknown;
    try {
      const response = await fetch(`${host}${path}`, {
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
        headers: { 'content-type': MEDIA_TYPE, accept: `${MEDIA_TYPE}, application/json` },
        signal: AbortSignal.timeout(timeoutMs),
      });
      status = response.status;
      answer = await response.json();
    } catch (error) {
      throw down(what, reasonOf(error), error);
    }
    if (!isObject(answer)) throw down(what, `HTTP ${status} without an object`);
    if (status === 200) return answer;
    if (status === 404 && Math.floor(Number(answer.error_code) / 100) === 404) return undefined;
    throw down(what, `HTTP ${status} ${String(answer.message ?? '')}`);
  };

  const idOf = async (type: EventType): Promise<number | undefined> => {
    const path = `/subjects/${encodeURIComponent(type.name)}`;
    const found = await lookUp(path, { schema: textOf(type) });
    if (found === undefined) return undefined;
    if (typeof found.id !== 'number') throw down(`POST ${path}`, 'an answer without id');
    return found.id;
  };

  return {
    idOf,
    schemaOf: async (id) => {
      const path = `/schemas/ids/${id}`;
      const found = await lookUp(path);
      if (found === undefined) return undefined;
      if (typeof found.schema !== 'string') throw down(`GET ${path}`, 'an answer without schema');
      return compile(JSON.parse(found.schema));
    },
    register: async (type) => {
      try {
        const schema = { type: SchemaType.AVRO, schema: textOf(type) } as const;
        const options = { subject: type.name, compatibility: COMPATIBILITY.FULL_TRANSITIVE } as const;
        return (await client.register(schema, options)).id;
      } catch (error) {
        if (isRefusal(error)) {
          // Not a subject with another compatibility: there the schema may be registered, and is refused all the same.
          if (!isConflict(error)) throw error;
          // Two deployments at once: the slower one is refused for what the other has just made, the very same schema.
          const id = await idOf(type);
          if (id !== undefined) return id;
          throw error;
        }
        throw down(`the registration of ${type.name}`, reasonOf(error), error);
      }
    },
  };
}

const MEDIA_TYPE = 'application/vnd.schemaregistry.v1+json';

/** One text per schema, always the same: registries look schemas up by it. */
function textOf(type: EventType): string {
  return JSON.stringify(type.schema);
}

type Middlewares = NonNullable<ConstructorParameters<typeof SchemaRegistry>[0]['middlewares']>;

/** The client waits for ever by itself. */
function bounded(timeoutMs: number): Middlewares[number] {
  return () => ({
    prepareRequest: async (next) => (await next()).enhance({ signal: AbortSignal.timeout(timeoutMs) }),
  });
}

/** The registry's own 409: incompatible, or made by another at the same moment. */
function isConflict(error: unknown): boolean {
  return error instanceof Error && 'status' in error && error.status === 409;
}

/** Incompatible or invalid, or a subject with another compatibility. The client reports a refused connection as a 400. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'ConfluentSchemaRegistryCompatibilityError') return true;
  return 'status' in error && (error.status === 409 || error.status === 422);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
