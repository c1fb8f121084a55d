import { systemTimers, type Timers } from '@banyan/core';

export interface Rounds {
  /** There may be something to do: the next round begins at once, behind one that is under way. */
  wake(): void;
  /** Begins no other round; resolves when the one under way is over. */
  stop(): Promise<void>;
}

/**
 * One round after another.
 * @param round answers true when there is more to do at once; never rejects
 * @param pollMs how long it rests when there is not and nobody wakes it
 */
export function startRounds(round: () => Promise<boolean>, pollMs: number, timers: Timers = systemTimers): Rounds {
  let stopping = false;
  let announced = false;
  let wakeUp: () => void = () => {};
  const rest = (): Promise<void> =>
    new Promise((resolve) => {
      const callOff = timers.after(pollMs, resolve);
      wakeUp = () => {
        callOff();
        resolve();
      };
    });
  const run = async (): Promise<void> => {
    while (!stopping) {
      announced = false;
      const more = await round();
      if (!more && !announced && !stopping) await rest();
    }
  };
  const running = run();
  return {
    wake: () => {
      announced = true;
      wakeUp();
    },
    stop: () => {
      stopping = true;
      wakeUp();
      return running;
    },
  };
}
