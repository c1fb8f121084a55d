import { Process } from './process.js';
import type { World } from './world.js';

/** Starts a process again under its name when it has ended, a moment later; a start that fails ends it. */
export class Supervisor {
  readonly #world: World;
  readonly #dismissed = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  keep(name: string, start: (process: Process) => Promise<void>): void {
    this.#dismissed.delete(name);
    this.#start(name, start);
  }

  /** A process that ends; one that dies is followed by another, until the errand is done. */
  errand(name: string, run: (process: Process) => Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      this.keep(name, async (process) => {
        await run(process);
        this.dismiss(name);
        process.kill();
        resolve();
      });
    });
  }

  /** It is not started again. */
  dismiss(name: string): void {
    this.#dismissed.add(name);
  }

  #start(name: string, start: (process: Process) => Promise<void>): void {
    const { scheduler, random } = this.#world;
    const process = new Process(name, this.#world);
    process.onEnd(() => {
      if (this.#dismissed.has(name)) return;
      scheduler.addFor(undefined, 100 + random.around(1_500), () => this.#start(name, start));
    });
    process.run(() =>
      start(process).catch((error: unknown) => {
        this.#world.tell(`${name} does not start: ${String(error)}`);
        process.kill();
      }),
    );
  }
}
