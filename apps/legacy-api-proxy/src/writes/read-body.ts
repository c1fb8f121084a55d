import type { IncomingMessage } from 'node:http';

/** Largest body of a write that V2 takes, bytes: as much as new-api does. */
export const BODY_LIMIT_BYTES = 1_048_576;

export type ReadBody = { readonly body: Buffer } | { readonly problem: 'too-large' | 'broken-off' };

/** Reads a whole body into memory, within the limit. */
export async function readBody(request: IncomingMessage): Promise<ReadBody> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > BODY_LIMIT_BYTES) {
        // What is left flows away unread, so that the caller gets its answer.
        request.resume();
        return { problem: 'too-large' };
      }
      chunks.push(chunk);
    }
  } catch {
    return { problem: 'broken-off' };
  }
  return request.complete ? { body: Buffer.concat(chunks) } : { problem: 'broken-off' };
}
