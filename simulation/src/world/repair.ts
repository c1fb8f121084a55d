import { TABLE, type WorkRow } from '@banyan/legacy-porter/testing';
import type { MemoryDatabase } from '@banyan/postgres/testing';
import { PARKED, type ParkedInMemory } from '@banyan/sink/testing';
import { whatStands } from '../judge/what-stands.js';
import type { Apps, ConsumerApp } from './apps.js';
import { leftToDo } from './rest.js';
import { within } from './waiting.js';
import type { World } from './world.js';

/** How often somebody looks at what stands, milliseconds. */
const LOOK_MS = 2_500;
const PATIENCE_MS = 12_000;
/** Sends that stand for what is mended with the code; any other reason is nobody's to wave through. */
const MENDED_WITH_THE_CODE = new Set(['PORTER_FORMAT_FAILED', 'PORTER_LEGACY_REJECTED']);

/**
 * Who mends the code, and lets go on what stands: sometimes in vain, sometimes while everything else goes on in bad weather. In some worlds
 * only when everything else has come to rest: what hangs on a key that stands would not, and the world would never end.
 */
export class Repair {
  readonly #world: World;
  readonly #apps: Apps;
  readonly #soon: boolean;
  readonly #whenMs: number;

  constructor(world: World, apps: Apps) {
    this.#world = world;
    this.#apps = apps;
    const { random } = world;
    this.#soon = random.chance(0.7);
    this.#whenMs = 3_000 + random.around(12_000);
  }

  begin(): void {
    if (!this.#world.code.isWhole) this.#lookLater();
  }

  #lookLater(): void {
    this.#world.scheduler.addFor(undefined, LOOK_MS, () => void this.#look().then(() => this.#lookLater()));
  }

  async #look(): Promise<void> {
    const { code, random, scheduler } = this.#world;
    if (!code.isWhole && (this.#soon ? scheduler.nowMs >= this.#whenMs : this.#nothingElseGoesOn())) await this.#mend();
    if (!code.isWhole && !random.chance(0.2)) return;
    await this.#letGoOn('v2-projector', this.#world.v2);
    await this.#letGoOn('legacy-porter', this.#world.porter);
  }

  async #mend(): Promise<void> {
    // Everything that can be read now is from before: what stands then can be said exactly.
    this.#world.problems.push(...(await whatStands(this.#world)));
    this.#world.tell('the code is mended');
    this.#world.code.mend();
  }

  async #letGoOn(app: ConsumerApp, database: MemoryDatabase): Promise<void> {
    const { random, happenings } = this.#world;
    for (const key of standing(database)) {
      const running = this.#apps.asked(app);
      if (running.length === 0) return;
      const done = await within(
        random
          .pick(running)
          .replay(key)
          .catch(() => undefined),
        PATIENCE_MS,
        () => undefined,
      );
      this.#world.tell(`${app}: replay of ${key}: ${JSON.stringify(done)}`);
      if (done?.error !== undefined) happenings.add('replay in vain');
      else if (done !== undefined && done.replayed > 0) happenings.add('replay that frees a key');
      happenings.add('send let go on', done?.sends ?? 0);
    }
  }

  /** All that is left to do stands, or waits behind what does. */
  #nothingElseGoesOn(): boolean {
    return leftToDo(this.#world).every(({ key }) => key !== undefined);
  }
}

/** Keys that a person would see: their events are parked, or their sends. */
function standing(database: MemoryDatabase): readonly string[] {
  const parked = database.committed<ParkedInMemory>(PARKED).map(([, row]) => row);
  const sends = database.committed<WorkRow>(TABLE.work).map(([, row]) => row);
  return [
    ...new Set([
      ...parked.filter(({ kind }) => kind !== 'invalid').map(({ key }) => key ?? ''),
      ...sends
        .filter(({ state, errorCode }) => state === 'parked' && MENDED_WITH_THE_CODE.has(errorCode ?? ''))
        .map(({ key }) => key),
    ]),
  ];
}
