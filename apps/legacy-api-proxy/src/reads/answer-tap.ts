import type { PassObserver } from '../pass-through.js';
import type { ComparedAnswer } from './compare-answers.js';

/** Largest answer that is kept for a comparison, bytes; a larger one is asked for again. */
const KEPT_BYTES = 1_048_576;

/**
 * Looks on while legacy's answer passes, keeping references to its chunks, and hands it over once the caller has all of it.
 * @param onWhole undefined where the answer is too large or compressed
 */
export function answerTap(onWhole: (answer: ComparedAnswer | undefined) => void): PassObserver {
  let status = 0;
  let headers: readonly (string | Buffer)[] = [];
  let chunks: Buffer[] | undefined = [];
  let bytes = 0;
  return {
    onHead(statusCode, rawHeaders) {
      status = statusCode;
      headers = rawHeaders;
    },
    onChunk(chunk) {
      bytes += chunk.length;
      if (bytes > KEPT_BYTES) chunks = undefined;
      chunks?.push(chunk);
    },
    onEnd(ending) {
      if (ending !== 'settled' || status === 0) return;
      const names = headers.map(String);
      const encoded = headerIn(names, 'content-encoding');
      const readable = chunks !== undefined && (encoded === undefined || encoded === 'identity');
      onWhole(readable ? comparedOf(status, names, Buffer.concat(chunks ?? [])) : undefined);
    },
  };
}

/** @param headers flat */
export function comparedOf(status: number, headers: readonly string[], body: Buffer | string): ComparedAnswer {
  return {
    status,
    contentType: headerIn(headers, 'content-type') ?? '',
    total: headerIn(headers, 'x-total-count'),
    body: body.toString(),
  };
}

function headerIn(headers: readonly string[], name: string): string | undefined {
  const at = headers.findIndex((header, index) => index % 2 === 0 && header.toLowerCase() === name);
  return at === -1 ? undefined : headers[at + 1];
}
