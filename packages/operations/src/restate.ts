import type { Difference } from '@banyan/compare';
import { isBanyanError } from '@banyan/core';
import { askApp } from './app-client.js';
import { refusedBy } from './control/sides.js';

export interface Restatement {
  readonly entity: string;
  readonly key: string;
  /** null = there is none any more. */
  readonly state: Readonly<Record<string, unknown>> | null;
  readonly by: string;
  readonly reason: string;
  /** Say what it would change, and change nothing. */
  readonly dryRun: boolean;
}

export interface Restated {
  /** The version of the fold that it was decided on, and the one that the last good state is of. */
  readonly expectedVersion: number;
  readonly lastGoodVersion: number;
  /** From the last good state to the new one. */
  readonly differences: readonly Difference[];
  /** `behind`: it is in the log, and the projector has not come to it yet. */
  readonly outcome: 'dry-run' | 'effective' | 'behind';
  readonly eventId: string | null;
}

/** It waits for Kafka and for the projector before it answers. */
const ANSWER_MS = 30_000;

/** Refusals by what is there, not failures: it does not stand, legacy owns it, it changed, it is no state of it, it stands even so. */
const REFUSALS = new Set<unknown>([404, 409, 422, 423]);

/**
 * Puts a whole state in the place of what cannot be processed, through new-api, which alone appends what V2 decides. Throws
 * `OPERATIONS_REFUSED` with new-api's words, `OPERATIONS_APP_REFUSED` and `OPERATIONS_APP_AWAY` (retryable): restated again, one of both
 * takes effect.
 * @param token of new-api's configuration, where it listens for other machines
 */
export async function restate(newApiUrl: string, restatement: Restatement, token?: string): Promise<Restated> {
  try {
    return await askApp<Restated>('new-api', newApiUrl, '/internal/restate', {
      body: restatement,
      token,
      timeoutMs: ANSWER_MS,
    });
  } catch (error) {
    if (isBanyanError(error) && REFUSALS.has(error.data.statusCode)) {
      const { entity, key } = restatement;
      throw refusedBy(`${entity} ${key} is not restated`, error.message.replace(/\.$/, ''));
    }
    throw error;
  }
}
