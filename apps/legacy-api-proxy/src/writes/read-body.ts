import type { IncomingMessage } from 'node:http';

/** Largest body of a write that V2 takes, bytes: as much as new-api does. */
export const BODY_LIMIT_BYTES = 1_048_576;

/** A whole body may take this many times the wait for its next bytes: one byte now and then would hold a move up for ever. */
const WHOLE = 6;

export type ReadBody = { readonly body: Buffer } | { readonly problem: 'too-large' | 'broken-off' | 'too-slow' };

/**
 * Reads a whole body into memory, within the limit. A client that lost its power sends no more and says no goodbye either: without a
 * limit in time its write would be open for ever, and no move of the entity could begin.
 * @param idleMs longest wait for the next bytes, milliseconds; the whole body may take six times as long
 */
export function readBody(request: IncomingMessage, idleMs: number): Promise<ReadBody> {
  const { promise, resolve } = Promise.withResolvers<ReadBody>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  const end = (read: ReadBody): void => {
    clearTimeout(idle);
    clearTimeout(whole);
    request.off('data', take);
    // What is left flows away unread, so that the caller gets its answer.
    request.resume();
    resolve(read);
  };
  const take = (chunk: Buffer): void => {
    idle.refresh();
    bytes += chunk.length;
    if (bytes > BODY_LIMIT_BYTES) end({ problem: 'too-large' });
    else chunks.push(chunk);
  };
  const idle = setTimeout(() => end({ problem: 'too-slow' }), idleMs);
  const whole = setTimeout(() => end({ problem: 'too-slow' }), WHOLE * idleMs);
  const brokenOff = (): void => end({ problem: 'broken-off' });
  if (request.destroyed) brokenOff();
  request.on('data', take);
  request.once('end', () => end(request.complete ? { body: Buffer.concat(chunks) } : { problem: 'broken-off' }));
  request.once('error', brokenOff);
  request.once('close', brokenOff);
  return promise;
}
