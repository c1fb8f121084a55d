import { BanyanError } from '@banyan/core';
import { askApp } from './app-client.js';
import { type AppAddress } from './status.js';

/** A key that stands still in one consumer, and why. */
export interface ParkedKey {
  readonly app: string;
  readonly consumer: string;
  readonly entity: string;
  readonly key: string;
  readonly kind: string;
  readonly eventId: string | null;
  readonly eventType: string | null;
  readonly errorCode: string;
  readonly errorMessage: string;
  readonly since: string;
  /** Later events of the key that wait behind it. */
  readonly behind: number;
}

export async function listParked(addresses: readonly AppAddress[]): Promise<readonly ParkedKey[]> {
  const lists = await Promise.all(
    addresses.map(async ({ app, url }) => {
      const { parked } = await askApp<{ parked: Omit<ParkedKey, 'app'>[] }>(app, url, '/internal/parked');
      return parked.map((one) => ({ ...one, app }));
    }),
  );
  return lists.flat();
}

export interface Replayed {
  readonly app: string;
  readonly replayed: number;
}

/**
 * Lets a key's events go on, in order, in every consumer where it stands. Throws `OPERATIONS_NOTHING_PARKED`.
 * @param token of the apps' configuration, where they listen for other machines
 */
export async function replayParked(
  addresses: readonly AppAddress[],
  { entity, key }: { readonly entity: string; readonly key: string },
  token?: string,
): Promise<readonly Replayed[]> {
  const standing = (await listParked(addresses)).filter((one) => one.entity === entity && one.key === key);
  if (standing.length === 0) {
    throw new BanyanError(
      'OPERATIONS_NOTHING_PARKED',
      `Nothing is parked for ${entity} ${key}; see \`banyan parked list\`.`,
      {
        data: { entity, key },
      },
    );
  }
  const apps = new Set(standing.map(({ app }) => app));
  const answers: Replayed[] = [];
  // V2 before legacy: the porter's work may need what the projector's replay makes readable.
  for (const { app, url } of addresses.filter((one) => apps.has(one.app))) {
    const { replayed } = await askApp<{ replayed: number }>(app, url, '/internal/parked/replay', {
      body: { entity, key },
      token,
    });
    answers.push({ app, replayed });
  }
  return answers;
}
