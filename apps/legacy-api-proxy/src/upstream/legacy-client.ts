import { Pool } from 'undici';
import { forwardableHeaders } from '../forwardable-headers.js';

export interface LegacyAnswer {
  readonly status: number;
  /** As legacy wrote them, less those of the connection and of the body's length. */
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/** The proxy's own questions to legacy: reading a row back, comparing behind an answer. Connections of its own, so that they take none from callers. */
export interface LegacyClient {
  /** @param headers flat, of a caller whose rights count @throws whatever undici throws when legacy does not answer in time */
  get(
    path: string,
    options: { readonly headers?: readonly string[]; readonly timeoutMs: number },
  ): Promise<LegacyAnswer>;
  close(): Promise<void>;
}

export function legacyClient(url: string, connections: number): LegacyClient {
  const pool = new Pool(new URL(url).origin, { connections, pipelining: 1, connect: { timeout: 2_000 } });
  return {
    async get(path, { headers = [], timeoutMs }) {
      const answer = await pool.request({
        path,
        method: 'GET',
        headers: [...headers],
        responseHeaders: 'raw',
        signal: AbortSignal.timeout(Math.ceil(timeoutMs)),
      });
      const body = Buffer.from(await answer.body.arrayBuffer());
      const raw = answer.headers as unknown as readonly (string | Buffer)[];
      return { status: answer.statusCode, headers: withoutLength(forwardableHeaders(raw)), body };
    },
    close: () => pool.destroy(),
  };
}

function withoutLength(headers: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] ?? '';
    if (name.toLowerCase() !== 'content-length') kept.push(name, headers[at + 1] ?? '');
  }
  return kept;
}

const PERSONAL = new Set(['authorization', 'cookie', 'accept-language', 'x-api-key']);

/** Of a caller's headers those that say who asks: a question asked again needs the same rights, and no conditions of its own. */
export function identityHeaders(raw: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? '';
    if (PERSONAL.has(name.toLowerCase())) kept.push(name, raw[at + 1] ?? '');
  }
  return kept;
}
