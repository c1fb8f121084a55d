import { isBanyanError } from '@banyan/core';
import type { ClosedEntry } from '@banyan/postgres';
import { askApp } from './app-client.js';
import type { AppAddress } from './status.js';

/** What stood and never goes on: a state that a whole state has passed, an effect or a send that a person gave up. */
export interface ClosedEvent extends ClosedEntry {
  readonly app: string;
  readonly entity: string;
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
  const events = lists.flat().filter(({ app, consumer, key, version, eventId, closedAt }) => {
    const which = [app, consumer, key, version, eventId, closedAt].join(' ');
    return told.size < told.add(which).size;
  });
  return { events, away };
}
