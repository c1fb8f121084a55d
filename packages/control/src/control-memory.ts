import type { ControlEvent } from '@banyan/contracts/events/banyan.control.v1';
import { BanyanError } from '@banyan/core';
import type { Appended, HistoryEntry } from './control.js';
import type { ControlEntry, ControlEventType } from './control-event.js';
import { type ControlState, NOTHING_CONTROLLED } from './control-state.js';
import { foldControl, type Verdict } from './fold-control.js';
import { isoAt } from './iso.js';
import { stepOf } from './legal-steps.js';

type Listener = (state: ControlState) => void;

/** What has been folded so far, its history, and who waits for what. */
export class ControlMemory {
  #state: ControlState;
  readonly #history: HistoryEntry[] = [];
  readonly #listeners = new Set<Listener>();
  readonly #waiting = new Map<string, (appended: Appended) => void>();

  constructor(initial: ControlState = NOTHING_CONTROLLED) {
    this.#state = initial;
  }

  get state(): ControlState {
    return this.#state;
  }

  fold(entry: ControlEntry): Verdict {
    const { state, verdict } = foldControl(this.#state, entry);
    this.#state = state;
    const { subject, by, reason, atMs } = entry.event.data;
    this.#history.push({
      id: entry.id,
      subject,
      type: stepOf(entry.event.type),
      event: entry.event,
      by,
      reason,
      at: isoAt(atMs),
      accepted: verdict.accepted,
      why: verdict.accepted ? null : verdict.why,
    });
    this.#answer(entry.id, verdict);
    if (verdict.accepted) this.#tell();
    return verdict;
  }

  /** A record that this version cannot read takes no effect, and is not forgotten. */
  unreadable(entry: Pick<HistoryEntry, 'id' | 'subject' | 'type' | 'by' | 'at'>, why: string): void {
    this.#history.push({ ...entry, event: undefined, reason: null, accepted: false, why });
    this.#answer(entry.id, { accepted: false, by: null, at: null, why });
  }

  history(subject?: string): readonly HistoryEntry[] {
    return this.#history.filter((entry) => subject === undefined || entry.subject === subject);
  }

  onChange(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  until(predicate: (state: ControlState) => boolean, timeoutMs: number): Promise<ControlState> {
    if (predicate(this.#state)) return Promise.resolve(this.#state);
    const { promise, resolve, reject } = Promise.withResolvers<ControlState>();
    const stop = () => {
      clearTimeout(timer);
      unsubscribe();
    };
    const timer = setTimeout(() => {
      stop();
      reject(
        new BanyanError('CONTROL_TIMEOUT', `The control log did not come to what was waited for in ${timeoutMs} ms.`, {
          retryable: true,
          data: { timeoutMs },
        }),
      );
    }, timeoutMs);
    const unsubscribe = this.onChange((state) => {
      if (!predicate(state)) return;
      stop();
      resolve(state);
    });
    return promise;
  }

  /** What becomes of an event that is about to be written. @returns also how to give up waiting */
  verdictOf(id: string): { readonly appended: Promise<Appended>; forget(): void } {
    const { promise, resolve } = Promise.withResolvers<Appended>();
    this.#waiting.set(id, resolve);
    return { appended: promise, forget: () => this.#waiting.delete(id) };
  }

  /** Tests only: another state without an event. */
  replace(state: ControlState): void {
    this.#state = state;
    this.#tell();
  }

  #answer(id: string, verdict: Verdict): void {
    // The first verdict of an id counts: a repeat of the same bytes is refused for its version.
    this.#waiting.get(id)?.(verdict.accepted ? { accepted: true, state: this.#state } : verdict);
    this.#waiting.delete(id);
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(this.#state);
      } catch {
        // A listener's fault must not stop the fold, nor the other listeners.
      }
    }
  }
}

/** The whole event that a change becomes. */
export function eventOf(
  change: { readonly type: ControlEventType; readonly data: object },
  envelope: { readonly expectedVersion: number; readonly by: string; readonly reason: string | null; atMs: number },
): ControlEvent {
  // `ControlChange` is every event less its envelope, so that the two together are one; the type checker cannot see it.
  return { type: change.type, data: { ...change.data, ...envelope } } as ControlEvent;
}
