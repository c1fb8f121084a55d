import { HTTP_TRACE } from '@banyan/contracts';
import { BanyanError } from '@banyan/core';
import type { LegacyRow, LegacyViewQuery } from '@banyan/transformer';
import { Pool } from 'undici';
import { mayHaveArrived } from './never-sent.js';

export interface CommandCall {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly idempotencyKey: string;
  /** Wait until legacy has it. */
  readonly waitForPorted: boolean;
  readonly deadlineMs: number;
  /** W3C trace context of the caller. */
  readonly traceparent?: string | undefined;
  /** What the caller says that its request is part of, and how many events lie before it: passed on as they are. */
  readonly correlationId?: string | undefined;
  readonly hops?: string | undefined;
}

export interface ApiAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Whom a legacy row belongs to, under the present authority. */
export interface Owner {
  readonly key: string;
  readonly owner: 'none' | 'legacy' | 'new';
  /** A send to legacy that is not closed may have made the row: nobody can say yet. */
  readonly held: boolean;
}

export interface View {
  readonly rows: readonly LegacyRow[];
  readonly total: number;
}

/** V2 as the proxy sees it. Everything throws `PROXY_NEW_API_AWAY` when no answer came; `data.sent` tells whether it may have the request. */
export interface NewApi {
  command(call: CommandCall): Promise<ApiAnswer>;
  /** Throws `PROXY_NEW_API_REFUSED` for anything but 200. */
  view(entity: string, query: LegacyViewQuery, timeoutMs: number): Promise<View>;
  /** Throws `PROXY_NEW_API_REFUSED` for anything but 200, as when the porter is away. */
  owner(entity: string, legacyId: string, timeoutMs: number): Promise<Owner>;
  /** Whether V2 made something under one of these keys, or may have. Throws `PROXY_NEW_API_REFUSED` for anything but 200. */
  knowsCreation(keys: readonly string[], timeoutMs: number): Promise<boolean>;
  close(): Promise<void>;
}

/** new-api's own deadline is shorter than the caller's by this, so that its words arrive instead of a silence, milliseconds. */
const ON_THE_WAY_MS = 100;

export function newApiClient(url: string, connections: number): NewApi {
  const base = new URL(url);
  const prefix = base.pathname.replace(/\/$/, '');
  const pool = new Pool(base.origin, { connections, pipelining: 1, connect: { timeout: 1_000 } });
  const ask = async (
    method: string,
    path: string,
    deadlineMs: number,
    headers: Record<string, string>,
    body?: unknown,
  ) => {
    try {
      const answer = await pool.request({
        method: method as 'GET',
        path: `${prefix}${path}`,
        headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(Math.ceil(deadlineMs)),
      });
      const text = await answer.body.text();
      return { status: answer.statusCode, headers: flat(answer.headers), body: parsed(text) };
    } catch (cause) {
      throw away(path, cause);
    }
  };
  const internal = async (path: string, timeoutMs: number): Promise<Readonly<Record<string, unknown>>> => {
    const answer = await ask('GET', path, timeoutMs, {});
    if (answer.status === 200) return answer.body;
    throw new BanyanError(
      'PROXY_NEW_API_REFUSED',
      `new-api answered ${path.split('?')[0]} with ${answer.status}: ${String(answer.body.detail ?? '')}`,
      { retryable: answer.status >= 500, data: { path, status: answer.status, code: answer.body.code } },
    );
  };
  return {
    command: ({ method, path, body, idempotencyKey, waitForPorted, deadlineMs, traceparent, correlationId, hops }) =>
      ask(
        method,
        path,
        deadlineMs,
        {
          'idempotency-key': idempotencyKey,
          ...(waitForPorted
            ? {
                'banyan-wait-for': 'ported',
                'banyan-deadline-ms': String(Math.max(1, Math.floor(deadlineMs - ON_THE_WAY_MS))),
              }
            : {}),
          ...(traceparent === undefined ? {} : { traceparent }),
          ...(correlationId === undefined ? {} : { [HTTP_TRACE.correlationId]: correlationId }),
          ...(hops === undefined ? {} : { [HTTP_TRACE.hops]: hops }),
        },
        body ?? {},
      ),
    view: async (entity, query, timeoutMs) =>
      (await internal(
        `/internal/legacy-view/${encodeURIComponent(entity)}${queryString(query)}`,
        timeoutMs,
      )) as unknown as View,
    owner: async (entity, legacyId, timeoutMs) =>
      (await internal(
        `/internal/owner/${encodeURIComponent(entity)}?legacyId=${encodeURIComponent(legacyId)}`,
        timeoutMs,
      )) as unknown as Owner,
    knowsCreation: async (keys, timeoutMs) => {
      const asked = new URLSearchParams(keys.map((key): [string, string] => ['key', key]));
      return (await internal(`/internal/creations?${asked}`, timeoutMs)).known === true;
    },
    close: () => pool.destroy(),
  };
}

function queryString({ ids, page, size, filter = {} }: LegacyViewQuery): string {
  const query = new URLSearchParams();
  if (ids !== undefined) query.set('ids', ids.join(','));
  if (page !== undefined) query.set('page', String(page));
  if (size !== undefined) query.set('size', String(size));
  for (const [name, value] of Object.entries(filter)) query.set(`filter.${name}`, value);
  return query.size === 0 ? '' : `?${query}`;
}

function flat(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function away(path: string, cause: unknown): BanyanError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const why = cause instanceof Error ? cause.message : String(cause);
  return new BanyanError('PROXY_NEW_API_AWAY', `new-api did not answer ${path.split('?')[0]}: ${why}`, {
    retryable: true,
    data: { sent: mayHaveArrived(code) },
    cause,
  });
}
