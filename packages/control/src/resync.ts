import type { Control } from './control.js';
import { resyncSubject } from './control-event.js';
import { type ControlState, consumerControl, openResync, type Resync } from './control-state.js';

/** What a consumer has to make anew. */
export interface WantedResync {
  readonly request: number;
  readonly scope: { readonly key?: string; readonly unlike?: boolean; readonly olderThan?: number };
}

/** How far a consumer has come with a request, as its store has it. */
export interface ResyncCounts {
  readonly request: number;
  /** Keys in all, and those that it was at; of them those that stood, and those that failed. */
  readonly total: number;
  readonly done: number;
  readonly standing: number;
  readonly failed: number;
  /** Milliseconds that it has worked. */
  readonly workedMs: number;
  readonly finished: boolean;
}

/** A resync as people see it. */
export interface ResyncReport
  extends Pick<Resync, 'request' | 'by' | 'at' | 'reason' | 'key' | 'unlike' | 'olderThan'> {
  /** `waiting`: its consumer has not begun it. `ending`: it has been at every key, and what it sent is under way. */
  readonly state: 'waiting' | 'running' | 'paused' | 'ending' | 'done' | 'cancelled' | 'unknown';
  readonly total: number;
  readonly done: number;
  readonly standing: number;
  readonly failed: number;
  /** At the pace it has had; null = nobody can tell yet, or it is over. */
  readonly secondsLeft: number | null;
}

/**
 * What the control log asks of a consumer now; undefined = nothing, or somebody holds the consumer, or the log was never read: what was called off
 * or held while the process was down is not known before.
 */
export function wantedResync(control: Pick<Control, 'state' | 'caughtUp'>, consumer: string): WantedResync | undefined {
  if (!control.caughtUp()) return undefined;
  const state = control.state();
  const open = openResync(state, consumer);
  if (open === undefined || consumerControl(state, consumer).paused !== undefined) return undefined;
  const { request, key, unlike, olderThan } = open;
  const scope = {
    ...(key === null ? {} : { key }),
    ...(unlike ? { unlike } : {}),
    ...(olderThan === null ? {} : { olderThan }),
  };
  return { request, scope };
}

/** Tells the control log that a consumer has been at every key. Repeatable: whoever is second is refused, and need not know. */
export async function endResync(
  control: Pick<Control, 'append'>,
  consumer: string,
  { request, done, standing, failed }: ResyncCounts,
): Promise<void> {
  const subject = resyncSubject(consumer);
  const data = { subject, request, outcome: 'done', done, standing, failed } as const;
  await control.append({ type: 'banyan.control.v1.ResyncEnded', data });
}

/** Pure. @param counts of the consumer's store; of another request they say nothing. undefined = nobody ever asked for one */
export function resyncReport(
  state: ControlState,
  consumer: string,
  counts: ResyncCounts | undefined,
): ResyncReport | undefined {
  const resync = state.resyncs[consumer];
  if (resync === undefined) return undefined;
  const { ended, ...asked } = resync;
  const own = counts?.request === asked.request ? counts : undefined;
  // Who calls one off does not say how far it had come; its store does.
  const counted = ended?.outcome === 'done' ? { ...own, ...ended } : { ...ended, ...own };
  const { total = 0, done = 0, standing = 0, failed = 0 } = counted;
  const paused = consumerControl(state, consumer).paused !== undefined;
  const unfinished = own?.finished === true ? 'ending' : paused ? 'paused' : own === undefined ? 'waiting' : 'running';
  const is = ended?.outcome ?? unfinished;
  const perKeyMs = own === undefined || own.done === 0 ? undefined : own.workedMs / own.done;
  const msLeft = is !== 'running' || perKeyMs === undefined ? undefined : perKeyMs * (total - done);
  const secondsLeft = msLeft === undefined ? null : Math.max(0, Math.round(msLeft / 1_000));
  return { ...asked, state: is, total: Math.max(total, done), done, standing, failed, secondsLeft };
}
