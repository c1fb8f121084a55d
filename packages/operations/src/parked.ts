import { BanyanError, isBanyanError } from '@banyan/core';
import { askApp } from './app-client.js';
import type { AppAddress } from './status.js';

/** A key that stands still in one consumer, and why. */
export interface ParkedKey {
  readonly app: string;
  readonly consumer: string;
  readonly entity: string;
  /** null = an invalid event that named none. */
  readonly key: string | null;
  /**
   * `invalid` stands for an event that took no effect and blocks nothing, `waiting` for a send that waits for another entity's legacy id and
   * goes on by itself, `unlike` for a key of which something was given up: it goes on, and is not as its state says. There is nothing to
   * replay of these.
   */
  readonly kind: string;
  readonly eventId: string | null;
  readonly eventType: string | null;
  /** null = it waits. */
  readonly errorCode: string | null;
  readonly errorMessage: string;
  readonly since: string;
  /** Later events of the key that wait behind it. */
  readonly behind: number;
  /** Where its record lies; of a send only its version is told. */
  readonly partition?: number;
  readonly offset?: string;
  readonly version?: number;
  /** The porter that was sending it and is silent. */
  readonly writer?: string | null;
  /** What a waiting one waits for. */
  readonly waitsFor?: readonly { readonly entity: string; readonly key: string }[];
}

export interface Parked {
  readonly keys: readonly ParkedKey[];
  /** Why an app could not be asked: what stands there is not among the keys. */
  readonly away: readonly string[];
}

/**
 * Asks every app; one that is away is told of, it does not hide what stands elsewhere.
 * @param of one key of one entity alone
 */
export async function listParked(
  addresses: readonly AppAddress[],
  of?: { readonly entity: string; readonly key: string },
): Promise<Parked> {
  const asked = await askEach(addresses, of);
  return { keys: asked.flatMap(({ parked }) => parked), away: awayAmong(asked) };
}

interface Asked {
  readonly address: AppAddress;
  readonly parked: readonly ParkedKey[];
  readonly away?: string;
}

/** What each process says stands; processes of one consumer say the same, and the first of them counts. */
async function askEach(
  addresses: readonly AppAddress[],
  of?: { readonly entity: string; readonly key: string },
): Promise<readonly Asked[]> {
  const path = of === undefined ? '/internal/parked' : `/internal/parked?${new URLSearchParams({ ...of })}`;
  const lists = await Promise.all(addresses.map((address) => askOne(address, path)));
  const told = new Set<string>();
  return lists.map((asked) => ({
    ...asked,
    parked: asked.parked.filter(({ app, consumer, key, kind, eventId }) => {
      const which = `${app} ${consumer} ${key} ${kind} ${eventId}`;
      return told.size < told.add(which).size;
    }),
  }));
}

async function askOne(address: AppAddress, path: string): Promise<Asked> {
  const { app, url } = address;
  try {
    const { parked, waiting = [], unlike = [] } = await askApp<Told>(app, url, path);
    if (Array.isArray(parked)) {
      const told = [...parked, ...waiting].map((one) => ({ ...one, app }));
      return { address, parked: [...told, ...unlike.map((one) => unlikeKey(app, one))] };
    }
    return { address, parked: [], away: `${app} tells nothing of what is parked at ${url}; is its address right?` };
  } catch (error) {
    if (!isBanyanError(error)) throw error;
    return { address, parked: [], away: error.message };
  }
}

/** As an app tells it. */
interface Told {
  readonly parked?: readonly Omit<ParkedKey, 'app'>[];
  readonly waiting?: readonly Omit<ParkedKey, 'app'>[];
  readonly unlike?: readonly UnlikeTold[];
}

interface UnlikeTold {
  readonly consumer: string;
  readonly entity: string;
  readonly key: string;
  readonly version: number;
  readonly by: string;
  readonly reason: string;
  readonly since: string;
}

function unlikeKey(app: string, { consumer, entity, key, version, by, reason, since }: UnlikeTold): ParkedKey {
  const errorMessage = `up to version ${version}: ${reason} (${by})`;
  const nothing = { eventId: null, eventType: null, behind: 0 };
  return { app, consumer, entity, key, kind: 'unlike', errorCode: 'UNLIKE', errorMessage, since, ...nothing };
}

function awayAmong(asked: readonly Asked[]): readonly string[] {
  return asked.flatMap(({ away }) => (away === undefined ? [] : [away]));
}

/** Nothing of these stands in a way that a replay could end. */
const BY_ITSELF = new Set(['invalid', 'waiting', 'unlike']);

export interface Replayed {
  readonly app: string;
  readonly replayed: number;
  /** Events of the key that still stand there. */
  readonly waiting: number;
  /** Why they do, where one failed again. */
  readonly error?: { readonly code: string; readonly message: string };
}

export interface Replay {
  readonly answers: readonly Replayed[];
  /** Why an app could not be asked: the key may stand there, too. */
  readonly away: readonly string[];
}

/**
 * Lets a key's events go on, in order, in every consumer where it stands. Throws `OPERATIONS_NOTHING_PARKED`.
 * @param token of the apps' configuration, where they listen for other machines
 */
export async function replayParked(
  addresses: readonly AppAddress[],
  { entity, key }: { readonly entity: string; readonly key: string },
  token?: string,
): Promise<Replay> {
  const asked = await askEach(addresses);
  const standing = asked.filter(({ parked }) =>
    parked.some((one) => !BY_ITSELF.has(one.kind) && one.entity === entity && one.key === key),
  );
  const away = awayAmong(asked);
  if (standing.length === 0 && away.length > 0) {
    throw new BanyanError(
      'OPERATIONS_APP_AWAY',
      `Nothing is parked for ${entity} ${key} where somebody answers, and not all do: ${away.join(' ')}`,
      { retryable: true, data: { entity, key, away } },
    );
  }
  if (standing.length === 0) {
    throw new BanyanError(
      'OPERATIONS_NOTHING_PARKED',
      `Nothing is parked for ${entity} ${key}; see \`banyan parked list\`.`,
      {
        data: { entity, key },
      },
    );
  }
  const answers: Replayed[] = [];
  // V2 before legacy: the porter's work may need what the projector's replay makes readable.
  for (const { app, url } of standing.map(({ address }) => address)) {
    const { replayed, waiting, error } = await askApp<Omit<Replayed, 'app'>>(app, url, '/internal/parked/replay', {
      body: { entity, key },
      token,
    });
    answers.push({ app, replayed, waiting, ...(error === undefined ? {} : { error }) });
  }
  return { answers, away };
}
