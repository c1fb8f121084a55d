import { BanyanError } from '@banyan/core';
import type { Link } from '@banyan/postgres';
import { request } from 'undici';

/** A send that may have reached legacy and is not closed. */
export interface OpenIntent {
  readonly entity: string;
  readonly key: string;
  readonly eventId: string;
  readonly operation: 'create' | 'update' | 'delete';
  /** Largest id legacy had assigned before the send; null = it had none. */
  readonly highWaterMark: string | null;
  /** `in-doubt` waits for a person. */
  readonly state: 'open' | 'in-doubt';
  /** Known before the send: natural keys, updates, deletes. */
  readonly legacyId: string | null;
}

/**
 * The porter's journal, asked at its primary: a copy fed by receipts would lag behind a send. Throws `IMPORT_PORTER_AWAY`
 * (retryable).
 */
export interface PorterApi {
  links(entity: string, by: LinksBy): Promise<readonly Link[]>;
  intents(entity: string): Promise<readonly OpenIntent[]>;
}

export type LinksBy = { readonly legacyIds: readonly string[] } | { readonly keys: readonly string[] };

/** Ids per request, so that the URL stays below what servers take. */
const IDS_PER_REQUEST = 100;

/** @param timeoutMs for one request; default 5,000 */
export function createPorterClient(options: { readonly url: string; readonly timeoutMs?: number }): PorterApi {
  const ask = <T>(path: string): Promise<T> => askPorter(options.url, path, options.timeoutMs ?? 5_000);
  return {
    links: async (entity, by) => {
      const [name, ids] = 'legacyIds' in by ? ['legacyIds', by.legacyIds] : ['keys', by.keys];
      const chunks = chunked(ids, IDS_PER_REQUEST);
      const answers = await Promise.all(
        chunks.map((chunk) => {
          const list = chunk.map(encodeURIComponent).join(',');
          return ask<{ links: Link[] }>(`/internal/links?entity=${encodeURIComponent(entity)}&${name}=${list}`);
        }),
      );
      return answers.flatMap((answer) => answer.links);
    },
    intents: async (entity) =>
      (await ask<{ intents: OpenIntent[] }>(`/internal/intents?entity=${encodeURIComponent(entity)}`)).intents,
  };
}

async function askPorter<T>(baseUrl: string, path: string, timeoutMs: number): Promise<T> {
  try {
    const url = new URL(`${baseUrl.replace(/\/$/, '')}${path}`);
    const answer = await request(url, { headersTimeout: timeoutMs, bodyTimeout: timeoutMs });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`HTTP ${answer.statusCode}: ${text.slice(0, 300)}`);
    return JSON.parse(text) as T;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new BanyanError(
      'IMPORT_PORTER_AWAY',
      `The porter did not answer ${path.split('?')[0]} (${why}). Without its journal nobody can say whose a legacy row is, so imports wait; start legacy-porter, or check PORTER_URL.`,
      { retryable: true, data: { path }, cause },
    );
  }
}

function chunked<T>(all: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let at = 0; at < all.length; at += size) chunks.push(all.slice(at, at + size));
  return chunks;
}
