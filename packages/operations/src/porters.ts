import { BanyanError, isBanyanError } from '@banyan/core';
import { askApp, type Command } from './app-client.js';
import { refusedBy } from './control/sides.js';
import type { AppAddress } from './status.js';

/** An instance of the porter, as its journal knows it. */
export interface PorterInstance {
  readonly name: string;
  /** `silent`: it did not leave and shows itself no more. Nobody goes on with what it was sending. */
  readonly state: 'alive' | 'silent' | 'left';
  readonly incarnation: number;
  /** ISO 8601 UTC, as the next one. */
  readonly startedAt: string;
  readonly seenAt: string;
  /** Sends of it that may have reached legacy and whose result is not known. */
  readonly openSends: number;
}

/** Throws `OPERATIONS_APP_AWAY` (retryable) when no porter answers. */
export async function listPorters(addresses: readonly AppAddress[]): Promise<readonly PorterInstance[]> {
  const { porters } = await askAnyPorter<{ porters: PorterInstance[] }>(addresses, '/internal/porters');
  return porters;
}

/**
 * A person says that a porter is dead and does not come back under its name: the others ask legacy what became of its sends, and go on.
 * Repeatable. Throws `OPERATIONS_REFUSED` when there is no such porter, or it lives.
 * @param token of the porters' configuration, where they listen for other machines
 */
export async function forgetPorter(
  addresses: readonly AppAddress[],
  name: string,
  token?: string,
): Promise<{ readonly forgotten: string; readonly sends: number }> {
  try {
    return await askAnyPorter(addresses, '/internal/porters/forget', { body: { name }, token });
  } catch (error) {
    if (isBanyanError(error) && REFUSALS.has(error.data.statusCode)) {
      throw refusedBy(`${name} is not forgotten`, error.message.replace(/\.$/, ''));
    }
    throw error;
  }
}

/** Unknown, alive. */
const REFUSALS = new Set<unknown>([404, 409]);

/** Any porter answers for all, and one of those addressed may be the dead one. */
async function askAnyPorter<T>(addresses: readonly AppAddress[], path: string, command?: Command): Promise<T> {
  let away = new BanyanError('OPERATIONS_APP_AWAY', 'No address of a porter is known; set PORTER_URL.', {
    retryable: true,
  });
  for (const { app, url } of addresses.filter((one) => one.app === 'legacy-porter')) {
    try {
      return await askApp<T>(app, url, path, command);
    } catch (error) {
      if (!isBanyanError(error) || error.code !== 'OPERATIONS_APP_AWAY') throw error;
      away = error;
    }
  }
  throw away;
}
