import { HTTP_TRACE } from '@banyan/contracts';
import { isBanyanError } from '@banyan/core';
import type { AnyEntity } from '@banyan/transformer';
import type { FastifyRequest } from 'fastify';
import type { Address, CommandCall } from '../commands/command-call.js';
import { problem } from '../problems.js';

/** What routes read of a request. */
export interface ApiRequest {
  readonly method: string;
  /** Without the query string. */
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  /** The first of several with one name. */
  header(name: string): string | undefined;
}

export function apiRequest(request: FastifyRequest): ApiRequest {
  return {
    method: request.method,
    path: request.url.split('?', 1)[0] ?? '/',
    params: request.params as Record<string, string>,
    query: request.query as Record<string, unknown>,
    // A DELETE may come without a body; null is a body, and the wrong one.
    body: request.body === undefined ? {} : request.body,
    header: (name) => {
      const value = request.headers[name];
      return Array.isArray(value) ? value[0] : value;
    },
  };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const BY_LEGACY_ID = 'legacy:';

/**
 * The entity that the path names: `/v2/orders/<uuid>`, or `/v2/orders/legacy:10248` by its row in legacy. Keys are lower case everywhere:
 * another spelling would be another key in Kafka. Throws `API_ID_INVALID`.
 */
export function addressOf({ legacy }: AnyEntity, request: ApiRequest): Address {
  const given = request.params.id ?? '';
  const id = given.toLowerCase();
  if (UUID.test(id)) return { id };
  if (!given.startsWith(BY_LEGACY_ID)) {
    throw problem('API_ID_INVALID', `${JSON.stringify(given)} is no UUID; by its legacy id it is legacy:<id>.`);
  }
  try {
    return { legacyId: legacy.canonicalId(given.slice(BY_LEGACY_ID.length)) };
  } catch (error) {
    if (isBanyanError(error)) throw problem('API_ID_INVALID', error.message, { cause: error });
    throw error;
  }
}

const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The caller's trace, when it is one. */
export function traceparentOf(request: ApiRequest): string | undefined {
  const header = request.header('traceparent');
  return header !== undefined && TRACEPARENT.test(header) ? header : undefined;
}

/** What the request is part of; what is malformed is as good as left out. */
export function actionOf(request: ApiRequest): Pick<CommandCall, 'correlationId' | 'hops'> {
  const correlationId = request.header(HTTP_TRACE.correlationId);
  const hops = request.header(HTTP_TRACE.hops);
  return {
    correlationId:
      correlationId !== undefined && /^[\x21-\x7e]{1,128}$/.test(correlationId) ? correlationId : undefined,
    hops: hops !== undefined && /^\d{1,9}$/.test(hops) ? Number(hops) : undefined,
  };
}

/** Throws `API_IDEMPOTENCY_KEY_INVALID`. */
export function idempotencyKeyOf(request: ApiRequest): string | undefined {
  const key = request.header('idempotency-key');
  if (key === undefined || /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw problem(
    'API_IDEMPOTENCY_KEY_INVALID',
    'Idempotency-Key must be 1 to 255 printable ASCII characters without spaces; a UUID is a good one.',
  );
}
