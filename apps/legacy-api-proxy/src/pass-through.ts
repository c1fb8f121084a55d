import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Dispatcher, errors } from 'undici';
import { forwardableHeaders, isBodyless } from './forwardable-headers.js';
import { mayHaveArrived } from './upstream/never-sent.js';

export interface PassThroughOptions {
  /** Connections to legacy, already bound to its origin. */
  readonly legacy: Dispatcher;
  /** How long legacy may take until its first byte, and between two chunks, milliseconds. */
  readonly timeoutMs: number;
  onAnswer?(answer: { method: string; statusCode: number }): void;
  onFailure?(failure: { method: string; path: string; code: string }): void;
}

/** What one call wants besides being passed on. */
export interface PassExtras {
  /** Bytes that were read from the caller already; they are sent in place of its stream. */
  readonly body?: Buffer;
  /** Looks on; it changes nothing and must not throw. */
  readonly observer?: PassObserver;
}

export interface PassObserver {
  onHead?(statusCode: number, rawHeaders: readonly (string | Buffer)[]): void;
  onChunk?(chunk: Buffer): void;
  /** Once. `settled` = legacy's whole answer is here, or nothing was sent to it; `unclear` = it may still do the work. */
  onEnd?(ending: 'settled' | 'unclear'): void;
}

export type PassThrough = (request: IncomingMessage, response: ServerResponse, extras?: PassExtras) => void;

/**
 * Hands a request to legacy and its answer back, byte for byte and as it comes: same path text, header names, order, reason
 * phrase and body. Only hop-by-hop headers are the proxy's own, and undici writes `host` and `content-length` of the request
 * in its own case and place. Nothing is retried: a request that legacy may have executed is the caller's to repeat.
 */
export function passThrough(options: PassThroughOptions): PassThrough {
  return (request, response, extras = {}) => {
    const method = request.method ?? 'GET';
    const path = request.url ?? '/';
    options.legacy.dispatch(
      {
        path,
        method: method as Dispatcher.HttpMethod,
        headers: forwardableHeaders(request.rawHeaders),
        body: extras.body ?? (isBodyless(request) ? null : request),
        headersTimeout: options.timeoutMs,
        bodyTimeout: options.timeoutMs,
      },
      new Relay(response, options, { method, path }, extras.observer ?? {}),
    );
  };
}

class Relay implements Dispatcher.DispatchHandler {
  constructor(
    private readonly response: ServerResponse,
    private readonly options: PassThroughOptions,
    private readonly call: { method: string; path: string },
    private readonly observer: PassObserver,
  ) {}

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // The caller hung up: stop reading from legacy as well.
    const hangUp = (): void => {
      if (!this.response.writableFinished) controller.abort(new Error('caller closed the connection'));
    };
    if (this.response.destroyed) hangUp();
    else this.response.once('close', hangUp);
  }

  onResponseStart(controller: Dispatcher.DispatchController, statusCode: number, _: unknown, reason?: string): void {
    if (statusCode < 200) return;
    this.options.onAnswer?.({ method: this.call.method, statusCode });
    this.response.sendDate = false;
    const raw = Array.isArray(controller.rawHeaders) ? controller.rawHeaders : [];
    this.observer.onHead?.(statusCode, raw);
    this.response.writeHead(statusCode, reason ?? '', forwardableHeaders(raw));
    this.response.flushHeaders();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.observer.onChunk?.(chunk);
    if (this.response.write(chunk)) return;
    controller.pause();
    this.response.once('drain', () => controller.resume());
  }

  onResponseEnd(): void {
    this.response.end();
    this.observer.onEnd?.('settled');
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    const code = 'code' in error ? String(error.code) : error.name;
    this.options.onFailure?.({ ...this.call, code });
    this.observer.onEnd?.(mayHaveArrived(code) ? 'unclear' : 'settled');
    if (this.response.headersSent || this.response.destroyed) {
      // Half an answer must not look like a whole one.
      this.response.destroy();
      return;
    }
    const { statusCode, text } = failureAnswer(error, code, this.options.timeoutMs);
    answerText(this.response, statusCode, text);
  }
}

function failureAnswer(error: Error, code: string, timeoutMs: number): { statusCode: number; text: string } {
  if (error instanceof errors.HeadersTimeoutError) {
    return { statusCode: 504, text: `Legacy did not answer within ${timeoutMs} ms; it may still do the work.` };
  }
  if (!mayHaveArrived(code)) {
    return { statusCode: 502, text: `Legacy cannot be reached (${code}); nothing was sent to it.` };
  }
  return {
    statusCode: 502,
    text: `The connection to legacy ended before its answer (${code}); it may have done the work.`,
  };
}

/** Why a request is not looked at: `http://elsewhere/` or two Host headers, legacy could read another way than the proxy. */
export function refusalOf(request: IncomingMessage): string | undefined {
  if (!request.url?.startsWith('/')) return 'Only a path is accepted as the request target.';
  const hosts = request.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host');
  return hosts.length > 1 ? 'More than one Host header.' : undefined;
}

export function answerText(response: ServerResponse, statusCode: number, text: string): void {
  response.writeHead(statusCode, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
  response.end(`${text}\n`);
}
