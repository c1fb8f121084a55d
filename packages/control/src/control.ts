import type { ControlEvent } from '@banyan/contracts/events/banyan.control.v1';
import type { ControlChange } from './control-event.js';
import type { ControlState } from './control-state.js';

export interface AppendOptions {
  /** Who does it; default the instance. */
  readonly by?: string;
  /** Why, in that person's words. */
  readonly reason?: string | null;
  /** The subject's version that the decision was made on; default the one seen now. */
  readonly expectedVersion?: number;
}

export type Appended =
  | { readonly accepted: true; readonly state: ControlState }
  | {
      readonly accepted: false;
      /** Who was first, and when (ISO 8601); null where nobody wrote the subject yet and the step is not a legal first one. */
      readonly by: string | null;
      readonly at: string | null;
      readonly why: string;
    };

/** One entry of the audit log: what was written, by whom, and what became of it. */
export interface HistoryEntry {
  readonly id: string;
  readonly subject: string;
  /** Event type without its namespace. */
  readonly type: string;
  /** undefined where this version cannot read it. */
  readonly event: ControlEvent | undefined;
  readonly by: string;
  readonly reason: string | null;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly accepted: boolean;
  /** Why it took no effect. */
  readonly why: string | null;
}

export interface PartyDescription {
  /** `legacy-api-proxy`: its instances are asked by forward moves. */
  readonly app: string;
  /** Where its admin port answers. */
  readonly url: string | null;
}

/**
 * The control log, folded in memory. It is read from its beginning without a group, so nothing but the log has to be there, a
 * restart owes nobody a rebalance, and no group is left behind.
 */
export interface Control {
  /** Which start of this process it is: what `join` registers, so that a process can tell its own registration from another's. */
  readonly incarnation: string;
  /**
   * Begins to follow, and goes on by itself. Resolves when everything that was in the log at the call is read: once at the start, and
   * again before a look that must not be old. With Kafka away it does not resolve before that is back.
   */
  follow(): Promise<void>;
  /** What is known now; before `follow` has resolved the defaults, or a part. */
  state(): ControlState;
  /** True once everything in the log at some moment was read. */
  caughtUp(): boolean;
  /** What keeps it from reading on; undefined while it does. */
  lastError(): Error | undefined;
  /** Milliseconds since it last tried to read on: `controlLive` judges by it. 0 before `follow` and after `close`. */
  sinceTriedMs(): number;
  /** Called after every accepted event, in order. @returns how to unsubscribe */
  onChange(listener: (state: ControlState) => void): () => void;
  /** Resolves with the first state for which it holds. Throws `CONTROL_TIMEOUT` (retryable). */
  until(predicate: (state: ControlState) => boolean, timeoutMs: number): Promise<ControlState>;
  /**
   * Writes a change and waits until the fold has decided it. Repeatable: what took effect is refused the second time.
   * Throws `CONTROL_UNKNOWN` (retryable) when no answer came, `LOG_NOT_WRITTEN` when it is certainly not in the log,
   * `CONTRACTS_REGISTRY_DOWN`, `CONTRACTS_INVALID_DATA`.
   */
  append(change: ControlChange, options?: AppendOptions): Promise<Appended>;
  /** All events, refused ones too, oldest first; of one subject when it is named. */
  history(subject?: string): readonly HistoryEntry[];
  /** Registers this process under its instance name, in place of an earlier start. Follows first. */
  join(party: PartyDescription): Promise<void>;
  /** Tells that nothing of this process is under way any more. Says nothing when it was replaced meanwhile. */
  leave(): Promise<void>;
  /** Acknowledges the entity's open move. Says nothing when that move is over. */
  prepared(entity: string): Promise<void>;
  close(): Promise<void>;
}
