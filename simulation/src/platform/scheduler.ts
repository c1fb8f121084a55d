import { AsyncLocalStorage } from 'node:async_hooks';
import type { Random } from '@banyan/core/testing';

/** One thing that will happen at a virtual time. */
export interface Task {
  at: number;
  /** Decides among tasks of one time. */
  tie: number;
  readonly owner: Owner | undefined;
  readonly run: () => void;
  cancelled: boolean;
}

/** Whose code a task runs: a process of the simulated world, that may be dead or frozen when its time comes. */
export interface Owner {
  readonly dead: boolean;
  /** Virtual milliseconds; what is due before happens then. */
  readonly frozenUntil: number;
}

/** A world that takes more goes round in circles. */
const MOST_STEPS = 1_000_000;

/** The real one, before time was made virtual: all microtasks are done when it comes, also those of another one of the same round. */
const turn = setImmediate;
/** Asked for together: a round of the event loop for every single task costs more than the tasks. */
const TURNS_PER_ROUND = 64;
const owners = new AsyncLocalStorage<Owner | undefined>();

/**
 * Everything that happens in a simulated world happens here, one task at a time, in the order of a clock of its own. Between two tasks
 * every promise that can go on has gone on, so that a run follows from its seed alone.
 */
export class Scheduler {
  readonly #random: Random;
  readonly #heap: Task[] = [];
  #nowMs = 0;
  #steps = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Virtual milliseconds since the beginning. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Tasks that have run. */
  get steps(): number {
    return this.#steps;
  }

  /** The process whose code runs now. */
  static owner(): Owner | undefined {
    return owners.getStore();
  }

  /** Runs code as that of a process: what it begins is the process's own. */
  static as<T>(owner: Owner | undefined, work: () => T): T {
    return owners.run(owner, work);
  }

  /** A task of the process whose code runs now. @param delayMs from now */
  add(delayMs: number, run: () => void): Task {
    return this.addFor(Scheduler.owner(), delayMs, run);
  }

  /** @param owner undefined = it happens whoever is dead */
  addFor(owner: Owner | undefined, delayMs: number, run: () => void): Task {
    const task = {
      at: this.#nowMs + Math.max(0, delayMs),
      tie: this.#random.next(),
      owner,
      run,
      cancelled: false,
    };
    push(this.#heap, task);
    return task;
  }

  /**
   * Lets the world go on until the condition holds (true), nothing is left to happen or the virtual time is over (false). The condition
   * is asked when everything stands still.
   */
  run(until: () => boolean, limitMs: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      let over = false;
      const one = (): void => {
        if (over) return;
        try {
          const ended = this.#step(until, limitMs);
          if (ended === undefined) return;
          resolve(ended);
        } catch (error) {
          reject(error);
        }
        over = true;
      };
      const round = (): void => {
        if (over) return;
        for (let each = 0; each < TURNS_PER_ROUND; each += 1) turn(one);
        turn(round);
      };
      round();
    });
  }

  /** One task. Answers whether the condition held, once that is known. */
  #step(until: () => boolean, limitMs: number): boolean | undefined {
    if (until()) return true;
    const task = this.#next(limitMs);
    if (task === undefined || this.#steps === MOST_STEPS) return false;
    this.#steps += 1;
    Scheduler.as(task.owner, task.run);
    return undefined;
  }

  #next(limitMs: number): Task | undefined {
    for (let task = pop(this.#heap); task !== undefined; task = pop(this.#heap)) {
      if (task.cancelled || task.owner?.dead === true) continue;
      const frozenUntil = task.owner?.frozenUntil ?? 0;
      if (frozenUntil > Math.max(this.#nowMs, task.at)) {
        task.at = frozenUntil;
        push(this.#heap, task);
        continue;
      }
      if (task.at > limitMs) {
        push(this.#heap, task);
        return undefined;
      }
      this.#nowMs = Math.max(this.#nowMs, task.at);
      return task;
    }
    return undefined;
  }
}

const isBefore = (a: Task, b: Task): boolean => a.at < b.at || (a.at === b.at && a.tie < b.tie);

function push(heap: Task[], task: Task): void {
  heap.push(task);
  for (let at = heap.length - 1; at > 0; ) {
    const parent = (at - 1) >> 1;
    if (!isBefore(task, heap[parent] as Task)) break;
    heap[at] = heap[parent] as Task;
    heap[parent] = task;
    at = parent;
  }
}

function pop(heap: Task[]): Task | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  heap[0] = last;
  for (let at = 0; ; ) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1] as Task, heap[child] as Task)) child += 1;
    if (!isBefore(heap[child] as Task, last)) break;
    heap[at] = heap[child] as Task;
    heap[child] = last;
    at = child;
  }
  return first;
}
