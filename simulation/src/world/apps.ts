import type { Log } from '@banyan/service';
import { type Api, PARTITIONS, startApi } from './api.js';
import type { Asked } from './asked.js';
import { type DirectDoor, openDoor } from './direct-door.js';
import { startPorter } from './porter.js';
import type { Process } from './process.js';
import { startProjector } from './projector.js';
import { viewOf } from './v2.js';
import type { World } from './world.js';

/** Whoever would read it is not there. */
const SILENT = new Proxy({}, { get: () => () => undefined }) as Log;

export type ConsumerApp = 'v2-projector' | 'legacy-porter';

/** The processes of a deployment, each kept alive by a supervisor. */
export class Apps {
  readonly #world: World;
  readonly #apis = new Map<string, Api>();
  readonly #doors = new Map<string, DirectDoor>();
  readonly #consumers = { 'v2-projector': new Map<string, Asked>(), 'legacy-porter': new Map<string, Asked>() };

  constructor(world: World) {
    this.#world = world;
    const maxSliceRecords = 1 + world.random.below(4);
    for (const [app, start] of [
      ['v2-projector', startProjector],
      ['legacy-porter', startPorter],
    ] as const) {
      for (const name of [`${app}-0`, `${app}-1`]) {
        this.#keepConsumer(app, name, (process) => start(world, process, maxSliceRecords));
      }
    }
    for (const name of ['new-api-0', 'new-api-1']) this.#keepApi(name);
    this.#keepProxy('legacy-api-proxy-0');
  }

  /** Instances of new-api that take requests now. */
  apis(): readonly Api[] {
    return [...this.#apis.values()];
  }

  /** Instances of a consumer that people can ask now. */
  asked(app: ConsumerApp): readonly Asked[] {
    return [...this.#consumers[app].values()];
  }

  /** Proxies that take writes of legacy's clients now. */
  doors(): readonly DirectDoor[] {
    return [...this.#doors.values()];
  }

  #keepConsumer(app: ConsumerApp, name: string, start: (process: Process) => Promise<Asked>): void {
    const running = this.#consumers[app];
    this.#world.supervisor.keep(name, async (process) => {
      process.onEnd(() => running.delete(name));
      const asked = await start(process);
      if (!process.dead) running.set(name, asked);
    });
  }

  #keepApi(name: string): void {
    this.#world.supervisor.keep(name, async (process) => {
      process.onEnd(() => this.#apis.delete(name));
      const api = await startApi(this.#world, process, SILENT);
      if (!process.dead) this.#apis.set(name, api);
    });
  }

  #keepProxy(name: string): void {
    const { supervisor, legacy, v2 } = this.#world;
    const disk = { saved: undefined };
    supervisor.keep(name, async (process) => {
      process.onEnd(() => this.#doors.delete(name));
      const door = await openDoor(
        {
          legacy,
          store: viewOf(this.#world.session(v2, process), PARTITIONS),
          porter: this.#world.porterApi(process),
          control: this.#world.control(process),
          disk,
        },
        process,
      );
      if (!process.dead) this.#doors.set(name, door);
    });
  }
}
