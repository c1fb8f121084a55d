import { BanyanError, type Clock, isBanyanError, sleep, systemTimers, type Timers } from '@banyan/core';
import type { PorterStore } from '../store/porter-store.js';
import { letGo, type Settle, settling } from '../store/settle.js';
import type { Holder, Work } from '../store/work.js';
import { attempt, type Journal } from './attempt.js';
import type { Place } from './scheduler.js';
import type { SendingPort } from './sending-port.js';
import type { Verdict } from './verdict.js';

export interface SendWorkOptions {
  readonly store: PorterStore;
  readonly holder: Holder;
  readonly journal: Journal;
  /** By consumer: `order.backend`. */
  readonly ports: ReadonlyMap<string, SendingPort>;
  readonly clock: Clock;
  /** Default: the machine's. */
  readonly timers?: Timers;
  readonly mayWrite: () => boolean;
  /** Aborted when the process stops waiting for PostgreSQL. */
  readonly stopping: AbortSignal;
  readonly onVerdict: (work: Work, verdict: Verdict, tookMs: number) => void;
}

const SETTLE_AGAIN_MS = 500;

/**
 * One attempt at a send and its settlement. Throws `PORTER_CLAIM_LOST` when the send became another instance's.
 * @param place told once what was learned of the target: what follows is between us and the store
 */
export type SendWork = (work: Work, place: Place) => Promise<void>;

export function sendWork(options: SendWorkOptions): SendWork {
  const { store, holder, ports, journal, mayWrite, clock, onVerdict } = options;
  const settle = settling(store, holder);
  return async (work, { enter, answered }) => {
    const port = ports.get(work.consumer);
    if (port === undefined) throw new BanyanError('PORTER_PORT_UNKNOWN', `No port ${work.consumer} runs here.`);
    const begun = clock.monotonic();
    const { verdict, target } = await attempt({ work, port, journal, mayWrite, enter });
    answered(target);
    const written = await settleUntilWritten(options, settle, port, work, verdict);
    onVerdict(work, written, clock.monotonic() - begun);
  };
}

/**
 * What legacy answered is known only here until it is written: so it is written again and again while PostgreSQL is away. When it
 * cannot be written at all, the send is left as unclear, and legacy is asked once more; the reason why is thrown when even that has
 * to be left without a word.
 */
async function settleUntilWritten(
  { store, clock, stopping, timers = systemTimers }: SendWorkOptions,
  settle: Settle,
  port: SendingPort,
  work: Work,
  verdict: Verdict,
): Promise<Verdict> {
  let toWrite = verdict;
  for (;;) {
    try {
      await settle({ port, work, nowMs: clock.now() }, toWrite);
      return toWrite;
    } catch (error) {
      if (isBanyanError(error) && error.code === 'PORTER_CLAIM_LOST') throw error;
      if (stopping.aborted) throw error;
      if (!isBanyanError(error) || !error.retryable) {
        if (toWrite !== verdict) {
          // The claim of a process that lives is nobody else's to free: kept, this send and all behind it would stand still.
          await letGo(store, work);
          throw error;
        }
        const reason = `the result could not be written: ${error instanceof Error ? error.message : String(error)}`;
        toWrite = { type: 'again', reason, mayHaveArrived: true };
      }
      await sleep(SETTLE_AGAIN_MS, timers, stopping);
    }
  }
}
