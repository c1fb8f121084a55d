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
   * `invalid` stands for an event that took no effect and blocks nothing: there is nothing to replay. `unlike` for a key of which something was
   * given up: it goes on, and is not as its state says.
   */
  readonly kind: string;
  readonly eventId: string | null;
  readonly eventType: string | null;
  readonly errorCode: string;
  readonly errorMessage: string;
  readonly since: string;
  /** Later events of the key that wait behind it. */
  readonly behind: number;
}

export interface Parked {
  readonly keys: readonly ParkedKey[];
  /** Why an app could not be asked: what stands there is not among the keys. */
  readonly away: readonly string[];
}

/** Asks every app; one that is away is told of, it does not hide what stands elsewhere. */
export async function listParked(addresses: readonly AppAddress[]): Promise<Parked> {
  const asked = await askEach(addresses);
  return { keys: asked.flatMap(({ parked }) => parked), away: awayAmong(asked) };
}

interface Asked {
  readonly address: AppAddress;
  readonly parked: readonly ParkedKey[];
  readonly away?: string;
}

/** What each process says stands; processes of one consumer say the same, and the first of them counts. */
async function askEach(addresses: readonly AppAddress[]): Promise<readonly Asked[]> {
  const lists = await Promise.all(addresses.map(askOne));
  const told = new Set<string>();
  return lists.map((asked) => ({
    ...asked,
    parked: asked.parked.filter(({ app, consumer, key, kind, eventId }) => {
      const which = `${app} ${consumer} ${key} ${kind} ${eventId}`;
      return told.size < told.add(which).size;
    }),
  }));
}

async function askOne(address: AppAddress): Promise<Asked> {
  const { app, url } = address;
  try {
    const { parked, unlike = [] } = await askApp<Told>(app, url, '/internal/parked');
    if (Array.isArray(parked)) {
      return {
        address,
        parked: [...parked.map((one) => ({ ...one, app })), ...unlike.map((one) => unlikeKey(app, one))],
      };
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

/** Events that stand, and go on when they are replayed. */
function canGoOn({ kind }: ParkedKey): boolean {
  return kind !== 'invalid' && kind !== 'unlike';
}

function awayAmong(asked: readonly Asked[]): readonly string[] {
  return asked.flatMap(({ away }) => (away === undefined ? [] : [away]));
}

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
    parked.some((one) => canGoOn(one) && one.entity === entity && one.key === key),
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
