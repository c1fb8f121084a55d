import type { IncomingMessage } from 'node:http';

/** Headers about one connection, not about the message (RFC 9110 7.6.1). `Expect` is answered by the server itself. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'te',
  'upgrade',
  'expect',
]);

/**
 * The headers that belong to the message, as a flat list `name, value, name, value …`: names in their own case, order and
 * repetition kept. Those that `Connection` names are left out too.
 */
export function forwardableHeaders(raw: readonly (string | Buffer)[]): string[] {
  const flat = raw.map((part) => (typeof part === 'string' ? part : part.toString('latin1')));
  const dropped = new Set(HOP_BY_HOP);
  eachHeader(flat, (name, value) => {
    if (name.toLowerCase() !== 'connection') return;
    for (const token of value.split(',')) dropped.add(token.trim().toLowerCase());
  });
  const kept: string[] = [];
  eachHeader(flat, (name, value) => {
    if (!dropped.has(name.toLowerCase())) kept.push(name, value);
  });
  return kept;
}

/** Whether a request comes without a body: neither a length nor chunks announced. */
export function isBodyless(request: Pick<IncomingMessage, 'headers'>): boolean {
  return request.headers['transfer-encoding'] === undefined && (request.headers['content-length'] ?? '0') === '0';
}

function eachHeader(flat: readonly string[], visit: (name: string, value: string) => void): void {
  for (let index = 0; index + 1 < flat.length; index += 2) visit(flat[index] ?? '', flat[index + 1] ?? '');
}
