import { type Clock, systemClock } from '@banyan/core';
import type { HttpRequest } from '@banyan/transformer';
import { type Dispatcher, Pool } from 'undici';
import type { LegacyAnswer } from './legacy-answer.js';
import { LegacyExchange } from './legacy-exchange.js';

/**
 * Legacy's HTTP API. Never throws for what legacy or the network does: every end of a request is a `LegacyAnswer`. Nothing is
 * retried and no redirect followed; who repeats must know what a repeat does.
 */
export interface LegacyApi {
  send(request: HttpRequest, options?: SendOptions): Promise<LegacyAnswer>;
  close(): Promise<void>;
}

export interface SendOptions {
  /**
   * Asked synchronously right before the request is written to the socket; false = the request is given up, `not-sent`. For
   * leases: whatever waited before (a queue, a connection, a stopped process) cannot make a lapsed lease write.
   */
  mayWrite?(): boolean;
  /** Sent along; names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface LegacyApiOptions {
  /** Scheme, host, port; a path in front of legacy's own paths is kept. */
  readonly baseUrl: string;
  /** Connections, and so requests in flight. Default 16. */
  readonly connections?: number;
  /** Default 1,000 ms. */
  readonly connectTimeoutMs?: number;
  /** From the call until the answer's last byte. Default 5,000 ms. */
  readonly requestTimeoutMs?: number;
  /** Largest answer that is read; beyond it the answer is `unclear`. Default 16 MiB. */
  readonly maxBodyBytes?: number;
  readonly clock?: Clock;
}

/** The real one, over undici. */
export function createLegacyApi(options: LegacyApiOptions): LegacyApi {
  const base = new URL(options.baseUrl);
  const prefix = base.pathname.replace(/\/+$/, '');
  const pool = new Pool(base.origin, {
    connections: options.connections ?? 16,
    connect: { timeout: options.connectTimeoutMs ?? 1000 },
    // The whole request has one deadline, below; undici's own two would only cut it into parts.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const limits = {
    timeoutMs: options.requestTimeoutMs ?? 5000,
    maxBodyBytes: options.maxBodyBytes ?? 16 * 1024 * 1024,
    clock: options.clock ?? systemClock,
  };
  return {
    send: (request, { mayWrite, headers } = {}) =>
      new Promise((resolve) => {
        const exchange = new LegacyExchange({ ...limits, mayWrite, settle: resolve });
        try {
          pool.dispatch(dispatchOptions(prefix, request, headers), exchange);
        } catch (error) {
          exchange.onResponseError(undefined, error as Error);
        }
      }),
    close: () => pool.destroy(),
  };
}

function dispatchOptions(
  prefix: string,
  request: HttpRequest,
  along: Readonly<Record<string, string>> = {},
): Dispatcher.DispatchOptions {
  const body = request.body === undefined ? null : JSON.stringify(request.body);
  return {
    path: `${prefix}${request.path}`,
    method: request.method,
    headers: { ...along, accept: 'application/json', ...(body === null ? {} : { 'content-type': 'application/json' }) },
    body,
  };
}
