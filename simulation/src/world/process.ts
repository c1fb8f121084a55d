import type { Step } from '@banyan/postgres/testing';
import { type Owner, Scheduler } from '../platform/scheduler.js';
import type { Happening } from './happenings.js';
import type { World } from './world.js';

type Outside = Pick<World, 'scheduler' | 'weather' | 'happenings' | 'tell'>;

/** A process of the simulated world: what runs in it stops with it, in the middle of whatever it waits for. */
export class Process implements Owner {
  readonly name: string;
  readonly #world: Outside;
  readonly #ends: (() => void)[] = [];
  readonly #freezes: ((forMs: number) => void)[] = [];
  #dead = false;
  #frozenUntil = 0;

  constructor(name: string, world: Outside) {
    this.name = name;
    this.#world = world;
  }

  get dead(): boolean {
    return this.#dead;
  }

  get frozenUntil(): number {
    return this.#frozenUntil;
  }

  /** Runs code as this process. */
  run<T>(work: () => T): T {
    return Scheduler.as(this, work);
  }

  /** Runs code as this process, for somebody outside, who hears nothing of it any more once the process is dead. */
  async answer<T>(work: () => Promise<T>): Promise<T> {
    const ended = await this.run(work).then(
      (result) => ({ result }),
      (error: unknown) => ({ error }),
    );
    if (this.#dead) return new Promise(() => undefined);
    if ('error' in ended) throw ended.error;
    return ended.result;
  }

  /** SIGKILL. What it had sent is on its way; what it had open breaks. */
  kill(): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#world.tell(`${this.name} is dead`);
    for (const end of this.#ends) end();
  }

  onEnd(end: () => void): void {
    this.#ends.push(end);
  }

  onFreeze(frozen: (forMs: number) => void): void {
    this.#freezes.push(frozen);
  }

  /** SIGSTOP, and SIGCONT some time later. */
  freeze(forMs: number): void {
    if (this.#dead) return;
    this.#world.tell(`${this.name} is frozen for ${Math.round(forMs)} ms`);
    this.#world.happenings.add('frozen');
    for (const frozen of this.#freezes) frozen(forMs);
    this.#frozenUntil = Math.max(this.#frozenUntil, this.#world.scheduler.nowMs + forMs);
  }

  /**
   * A place where the process waits for something outside: time passes, and it may be killed, frozen, or told that the connection is
   * gone. Never resolves for the dead.
   */
  readonly step: Step = (what) =>
    new Promise((resolve, reject) => {
      const { delayMs, error, kill, freezeMs } = this.#world.weather.at(what);
      this.#world.scheduler.addFor(this, delayMs, () => {
        const goOn = () => (error === undefined ? resolve() : reject(error));
        const { happenings } = this.#world;
        if (kill) {
          happenings.add(killedAt(what));
          return this.kill();
        }
        if (error !== undefined)
          happenings.add(what === 'committed' ? 'answer to a commit lost' : 'connection broken before a statement');
        if (freezeMs === 0) return goOn();
        this.freeze(freezeMs);
        // It was stopped before it read the answer.
        this.#world.scheduler.addFor(this, 0, goOn);
      });
    });
}

function killedAt(what: string): Happening {
  if (what === 'commit') return 'killed before a commit';
  if (what === 'committed') return 'killed behind a commit';
  if (what.endsWith('to legacy')) return 'killed at a request to legacy';
  return what.startsWith('append') ? 'killed at an append' : 'killed at a statement';
}
