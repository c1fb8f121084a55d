import { type Gate, type GateEntity, gateOf, type HoldReason, holdReasonOf } from './write-gate.js';

/** How a write may go on. `done` is called once: what was sent is over at legacy, or nobody knows for `settleAfterMs`. */
export type Entered =
  | { readonly way: 'direct' | 'asked'; done(ending: Ending): void }
  | { readonly way: 'round-trip' | 'gone' }
  | { readonly way: 'refused'; readonly because: HoldReason | 'too-many-waiting' };

/** `settled` = legacy answered, or nothing was sent; `unclear` = legacy may still carry it out. */
export type Ending = 'settled' | 'unclear';

/** The part of the control state that gates depend on. */
export interface GateView {
  entity(name: string): GateEntity;
  /** Whether this proxy is a party, by what it knows. */
  registered(): boolean;
  /** Whether this very process has joined. */
  joined(): boolean;
}

export interface WriteGatesOptions {
  readonly view: GateView;
  /** Longest wait at a gate that holds, milliseconds. */
  readonly holdMaxMs: number;
  /** Writes that wait at once, over all entities; more are refused. */
  readonly heldMax: number;
  /** How long legacy may still carry out a write of this entity whose answer was lost, milliseconds. */
  settleAfterMs(entity: string): number;
  /** No direct write of the entity is open any more. */
  onIdle?(entity: string): void;
}

interface Waiter {
  resolve(entered: Entered): void;
  readonly timer: NodeJS.Timeout;
}

/**
 * The gates of all entities at work. Asking and counting are one synchronous step, so that no write slips in between "nothing is
 * open" and the acknowledgement that follows from it.
 */
export class WriteGates {
  readonly #options: WriteGatesOptions;
  readonly #open = new Map<string, number>();
  readonly #waiting = new Map<string, Set<Waiter>>();
  readonly #settling = new Set<NodeJS.Timeout>();
  #held = 0;

  constructor(options: WriteGatesOptions) {
    this.#options = options;
  }

  /** At once where the gate stands open or closed; a promise where it holds. @param gone asked for then: aborts when the caller hangs up */
  enter(entity: string, gone?: () => AbortSignal): Entered | Promise<Entered> {
    return this.#pass(entity) ?? this.#wait(entity, gone?.());
  }

  /** The control state changed: whoever waits at a gate that does not hold any more goes on. */
  review(): void {
    for (const [entity, waiters] of this.#waiting) {
      for (const waiter of waiters) {
        const entered = this.#pass(entity);
        if (entered === undefined) break;
        this.#release(entity, waiter, entered);
      }
    }
  }

  gate(entity: string): Gate {
    return gateOf(this.#situation(entity));
  }

  holdReason(entity: string): HoldReason | undefined {
    return holdReasonOf(this.#situation(entity));
  }

  /** Direct writes that legacy may still carry out. */
  openDirect(entity: string): number {
    return this.#open.get(entity) ?? 0;
  }

  held(entity: string): number {
    return this.#waiting.get(entity)?.size ?? 0;
  }

  /** Refuses all that wait. */
  close(): void {
    for (const [entity, waiters] of this.#waiting) {
      for (const waiter of waiters) this.#release(entity, waiter, this.#refusal(entity));
    }
    for (const timer of this.#settling) clearTimeout(timer);
  }

  #situation(entity: string) {
    return { entity: this.#options.view.entity(entity), registered: this.#options.view.registered() };
  }

  /** undefined = it holds. */
  #pass(entity: string): Entered | undefined {
    const gate = this.gate(entity);
    if (gate === 'hold') return undefined;
    if (gate !== 'direct' && gate !== 'asked') return { way: gate };
    this.#open.set(entity, this.openDirect(entity) + 1);
    let over = false;
    return {
      way: gate,
      done: (ending) => {
        if (over) return;
        over = true;
        if (ending === 'settled') this.#close(entity);
        else this.#closeLater(entity);
      },
    };
  }

  #closeLater(entity: string): void {
    const timer = setTimeout(() => {
      this.#settling.delete(timer);
      this.#close(entity);
    }, this.#options.settleAfterMs(entity));
    timer.unref();
    this.#settling.add(timer);
  }

  #close(entity: string): void {
    const left = this.openDirect(entity) - 1;
    this.#open.set(entity, left);
    if (left === 0) this.#options.onIdle?.(entity);
  }

  #wait(entity: string, gone: AbortSignal | undefined): Entered | Promise<Entered> {
    if (this.#held >= this.#options.heldMax) return { way: 'refused', because: 'too-many-waiting' };
    this.#held += 1;
    return new Promise((resolve) => {
      const refuse = (): void => this.#release(entity, waiter, this.#refusal(entity));
      const waiter: Waiter = { resolve, timer: setTimeout(refuse, this.#options.holdMaxMs) };
      const waiters = this.#waiting.get(entity) ?? new Set();
      this.#waiting.set(entity, waiters.add(waiter));
      if (gone?.aborted === true) refuse();
      else gone?.addEventListener('abort', refuse, { once: true });
    });
  }

  #refusal(entity: string): Entered {
    return { way: 'refused', because: this.holdReason(entity) ?? 'moving-forward' };
  }

  #release(entity: string, waiter: Waiter, entered: Entered): void {
    if (this.#waiting.get(entity)?.delete(waiter) !== true) return;
    this.#held -= 1;
    clearTimeout(waiter.timer);
    waiter.resolve(entered);
  }
}
