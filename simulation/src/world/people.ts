import { entityControl, entitySubject } from '@banyan/control';
import type { Apps } from './apps.js';
import { backfill } from './backfill.js';
import { legacyClient, nativeClient } from './clients.js';
import type { Entered } from './direct-door.js';
import { pauseNowAndThen } from './flow.js';
import { intrude } from './intruder.js';
import type { Entry } from './ledger.js';
import { move } from './mover.js';
import { note } from './note.js';
import { PORT } from './porter.js';
import { linksIn, unsettledOf } from './porter-journal.js';
import { pause, within } from './waiting.js';
import type { World } from './world.js';

const NATIVE_CLIENTS = 2;
const LEGACY_CLIENTS = 1;
const WISHES = 5;
/** After so long a client of legacy takes the connection for lost, milliseconds. */
const PATIENCE_MS = 12_000;
const LOOK_MS = 500;

/** Clients and operators. No mishap befalls them; those whom they talk to die, freeze and say nothing. */
export class People {
  readonly #world: World;
  readonly #apps: Apps;
  readonly #unfinished = new Set<string>();

  constructor(world: World, apps: Apps) {
    this.#world = world;
    this.#apps = apps;
    const clients = {
      random: world.random,
      ledger: world.ledger,
      apis: () => apps.apis(),
      enter: (entry: Entry) => this.#enter(entry),
      tell: (what: string) => world.tell(what),
    };
    const opened = this.#open();
    for (let each = 0; each < NATIVE_CLIENTS; each += 1) {
      this.#do(`native client ${each}`, () => opened.then(() => nativeClient(clients, `native-${each}`, WISHES)));
    }
    for (let each = 0; each < LEGACY_CLIENTS; each += 1) {
      this.#do(`legacy client ${each}`, () => opened.then(() => legacyClient(clients, `legacy-${each}`, WISHES)));
    }
    this.#do('operator', () => opened.then(() => this.#operate()));
    if (world.random.chance(0.3)) this.#do('intruder', () => opened.then(() => this.#intrude()));
    if (world.isPaused)
      this.#do('throttle', () =>
        opened.then(() => this.#world.supervisor.errand('throttle', (process) => pauseNowAndThen(world, process))),
      );
    this.#learnLegacyIds();
  }

  /** Who has not come to an end. */
  unfinished(): readonly string[] {
    return [...this.#unfinished];
  }

  backfill(): void {
    this.#do('backfill', () => this.#backfill());
  }

  /** Moves the authority to V2, there and back up to twice, with backfills in between. */
  async #operate(): Promise<void> {
    const { random } = this.#world;
    await pause(random.around(3_000));
    // Legacy goes on writing what was imported once: the second time it is another row.
    for (let times = random.chance(0.3) ? 2 : 0; times > 0; times -= 1) {
      await this.#backfill();
      await pause(random.around(2_000));
    }
    if (random.chance(0.3)) await this.#move('new', 1 + random.below(99));
    await this.#move('new');
    for (let there = random.below(3); there > 0; there -= 1) {
      for (const goal of ['legacy', 'new'] as const) {
        await pause(random.around(5_000));
        if (random.chance(0.5)) await this.#backfill();
        await this.#move(goal);
      }
    }
  }

  async #intrude(): Promise<void> {
    const { random } = this.#world;
    for (let times = 1 + random.below(2); times > 0; times -= 1) {
      await pause(random.around(8_000));
      await intrude(this.#world);
    }
  }

  /** Opens notes for V2, and waits until the proxy asks whose a row is: then V2 may make some. */
  async #open(): Promise<void> {
    await this.#world.supervisor.errand('opener', async (process) => {
      const control = this.#world.control(process);
      await control.follow();
      if (entityControl(control.state(), note.name).opened) return;
      const data = { subject: entitySubject(note.name) };
      await control.append({ type: 'banyan.control.v1.EntityOpened', data }, { by: process.name });
    });
    while (!this.#apps.doors().some((door) => door.asks())) await pause(100);
  }

  #backfill(): Promise<void> {
    return this.#world.supervisor.errand('backfill', (process) => backfill(this.#world, process));
  }

  /** @param share of the keys, in per cent */
  #move(goal: 'new' | 'legacy', share = 100): Promise<void> {
    return this.#world.supervisor.errand('mover', async (process) => {
      const { v2, porter } = this.#world;
      const control = this.#world.control(process);
      await control.follow();
      const journal = this.#world.session(porter, process);
      const stores = [
        { consumer: 'v2-projector note', session: this.#world.session(v2, process) },
        { consumer: 'legacy-porter note', session: journal },
      ];
      const unsettled = (fence: number | undefined) => unsettledOf(journal, PORT, fence);
      await move(this.#world, { control, stores, unsettled }, process, { to: goal, share });
    });
  }

  /** A write of legacy's client at the proxy. */
  #enter(entry: Entry): Promise<Entered> {
    const [door] = this.#apps.doors();
    if (door === undefined) return Promise.resolve({ type: 'again' });
    return within(door.enter(entry), PATIENCE_MS, () => ({ type: 'unclear' }) as const);
  }

  /** Whoever looks into both systems sees which is which. */
  #learnLegacyIds(): void {
    const { porter, ledger, scheduler } = this.#world;
    for (const { key, legacyId } of linksIn({ all: (table) => porter.committed(table) })) {
      const its = ledger.notes.find(({ id }) => id === key);
      if (its !== undefined) its.legacyId = legacyId;
    }
    scheduler.addFor(undefined, LOOK_MS, () => this.#learnLegacyIds());
  }

  #do(what: string, work: () => Promise<void>): void {
    this.#unfinished.add(what);
    void work().then(() => this.#unfinished.delete(what));
  }
}
