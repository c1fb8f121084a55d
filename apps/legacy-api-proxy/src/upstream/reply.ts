import type { ServerResponse } from 'node:http';

/** A whole answer in legacy's manner. */
export interface Reply {
  readonly status: number;
  /** `name, value, name, value …`, as written. */
  readonly headers: readonly string[];
  readonly body: string | Buffer;
}

/** Legacy's own form of an error: a line of plain text. */
export function textReply(status: number, text: string, headers: readonly string[] = []): Reply {
  return { status, headers: ['content-type', 'text/plain; charset=utf-8', ...headers], body: text };
}

/** Come again: nothing was begun. @param seconds whole, at least 1 */
export function busyReply(text: string, seconds = 1): Reply {
  return textReply(503, text, ['retry-after', String(Math.max(1, Math.ceil(seconds)))]);
}

/** Sends a reply; nothing happens where the caller is gone or was answered. */
export function send(response: ServerResponse, reply: Reply): void {
  if (response.headersSent || response.destroyed) return;
  const bodyless = reply.status === 204 || reply.status === 304;
  const headers = bodyless
    ? reply.headers
    : [...reply.headers, 'content-length', String(Buffer.byteLength(reply.body))];
  response.writeHead(reply.status, [...headers]);
  response.end(bodyless ? undefined : reply.body);
}
