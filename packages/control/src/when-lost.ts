import type { BanyanError } from '@banyan/core';

export interface WhenLost {
  readonly log: { error(fields: object, message: string): void };
  /** Ends the process. */
  readonly giveUp: (part: string, error: BanyanError) => void;
}

/**
 * What an app does when the control log does not continue where it was read (`ControlOptions.onLost`). One that knows what was said
 * stays with that, and says once what has to be done: started anew it would take what is left of the log for everything, and let pauses,
 * routes and ports that somebody had set fall back unseen. One that knows nothing yet can only end.
 */
export function whenLost({ log, giveUp }: WhenLost): (error: BanyanError, knew: boolean) => void {
  return (error, knew) => {
    if (knew) log.error({ code: error.code, ...error.data }, error.message);
    else giveUp('the control log', error);
  };
}
