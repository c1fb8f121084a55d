import { isBanyanError } from '@banyan/core';
import { askApp } from './app-client.js';
import type { AppAddress } from './status.js';

/** An event that a whole state has closed: it never takes effect, and its bytes are kept. */
export interface ClosedEvent {
  readonly app: string;
  readonly consumer: string;
  readonly entity: string;
  readonly key: string;
  readonly eventId: string | null;
  readonly eventType: string | null;
  readonly version: number | null;
  readonly partition: number;
  readonly offset: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Base64; null = it had none. */
  readonly value: string | null;
  /** Why it stood; null = it waited behind an earlier event. */
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly since: string;
  readonly closedAt: string;
  readonly closedBy: string;
  readonly why: string;
}

/** What was closed in each consumer, the last first; of one key, or of all. One that is away is told of. */
export async function listClosed(
  addresses: readonly AppAddress[],
  key?: string,
): Promise<{ readonly events: readonly ClosedEvent[]; readonly away: readonly string[] }> {
  const path = `/internal/closed${key === undefined ? '' : `?key=${encodeURIComponent(key)}`}`;
  const told = new Set<string>();
  const away: string[] = [];
  const lists = await Promise.all(
    addresses.map(async ({ app, url }) => {
      try {
        const { closed } = await askApp<{ closed: Omit<ClosedEvent, 'app'>[] }>(app, url, path);
        return closed.map((one) => ({ ...one, app }));
      } catch (error) {
        if (!isBanyanError(error)) throw error;
        away.push(error.message);
        return [];
      }
    }),
  );
  // Processes of one consumer say the same.
  const events = lists.flat().filter(({ app, consumer, partition, offset }) => {
    const which = `${app} ${consumer} ${partition} ${offset}`;
    return told.size < told.add(which).size;
  });
  return { events, away };
}
