import { request } from 'node:http';
import { until } from './until.js';

/** What a caller of legacy sees of an answer, but for what differs from one call to the next. */
export interface SeenAnswer {
  readonly status: string;
  readonly headers: readonly string[];
  readonly bytes: Buffer;
  /** The same, read as UTF-8. */
  readonly body: string;
}

const PER_CONNECTION = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding']);

/** The unchanged legacy client: HTTP as it always was, to whichever address it is given. */
export function callLegacy(baseUrl: string, method: string, path: string, body?: unknown): Promise<SeenAnswer> {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const call = request(
      new URL(path, baseUrl),
      { method, agent: false, headers: payload === undefined ? {} : { 'Content-Type': 'application/json' } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          const bytes = Buffer.concat(chunks);
          resolve({
            status: `${response.statusCode} ${response.statusMessage}`,
            headers: messageHeaders(response.rawHeaders),
            bytes,
            body: bytes.toString('utf8'),
          });
        });
      },
    );
    call.once('error', reject);
    call.end(payload);
  });
}

function messageHeaders(raw: readonly string[]): string[] {
  const headers: string[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? '';
    if (!PER_CONNECTION.has(name.toLowerCase())) headers.push(`${name}: ${raw[index + 1]}`);
  }
  return headers;
}

/**
 * The same for a write whose way may be closed for a moment: 503 says that nothing was done, 504 that V2 has it and legacy not yet. A
 * client of legacy asks again, as it always did after a time-out.
 */
export function callLegacyAgain(
  baseUrl: string,
  method: string,
  path: string,
  body?: unknown,
  timeoutMs?: number,
): Promise<SeenAnswer> {
  return until(
    `${method} ${path}`,
    async () => {
      const answer = await callLegacy(baseUrl, method, path, body);
      return /^50[34]/.test(answer.status) ? undefined : answer;
    },
    timeoutMs,
  );
}
