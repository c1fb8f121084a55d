import { openResync, type Resync, type ResyncCounts, resyncSubject } from '@banyan/control';
import { TABLE, type WorkRow } from '@banyan/legacy-porter/testing';
import type { MemoryDatabase } from '@banyan/postgres/testing';
import { OFFSETS, type OffsetInMemory, PARKED, type ParkedInMemory, UNLIKE } from '@banyan/sink/testing';
import { foldLog } from '../judge/fold-log.js';
import { likeness } from '../judge/likeness.js';
import type { Apps, ConsumerApp } from './apps.js';
import type { Asked } from './asked.js';
import { type EndOfDoubt, endDoubt } from './doubts.js';
import { CONSUMER, type ConsumerName, write } from './flow.js';
import type { Note } from './note.js';
import { within } from './waiting.js';
import type { World } from './world.js';

/** How often somebody looks at what stands and what is unlike, milliseconds. */
const LOOK_MS = 3_000;
const PATIENCE_MS = 12_000;
const LATEST_MS = 600_000;
export const WORD = { by: 'ann', reason: 'nobody will mend it' };
const CONTROL_NAME: Readonly<Record<ConsumerApp, ConsumerName>> = {
  'v2-projector': CONSUMER.projector,
  'legacy-porter': CONSUMER.porter,
};
/** Sends that a person gives up. The last only where the create before it was given up: that row will be made of the whole state. */
const GIVEN_UP = new Set(['PORTER_FORMAT_FAILED', 'PORTER_LEGACY_REJECTED']);
const BEHIND_A_CREATE = 'PORTER_LINK_MISSING';

type Scope = Partial<Pick<Resync, 'key' | 'unlike' | 'olderThan'>>;
type Counts = Pick<ResyncCounts, 'done' | 'standing' | 'failed'>;

const NO_ANSWER = 'no answer';

interface Standing {
  readonly key: string;
  readonly eventId: string;
}

/**
 * A person who gives up what stands, says how doubts have ended, and has made good what was given up: now and then, while everything else goes
 * on, and until nothing is unlike any more.
 */
export class MakingGood {
  readonly #world: World;
  readonly #apps: Apps;
  /** By event: what was said of a doubt, and nobody answered. Whoever says something else then may have both heard, in legacy's rows as well. */
  readonly #unanswered = new Map<string, EndOfDoubt>();
  #resyncs = 0;

  constructor(world: World, apps: Apps) {
    this.#world = world;
    this.#apps = apps;
  }

  /** Whether something that was asked for is not over. */
  get isAtIt(): boolean {
    return this.#resyncs > 0 || this.#world.meddler.isAtIt;
  }

  begin(): void {
    if (this.#world.isRepaired) this.#lookLater();
  }

  /** Has everything made anew, once more: what is left of an older version of the code, then all; and sees that nothing older is left. */
  async everything(): Promise<void> {
    const { code, problems } = this.#world;
    // Somebody may mend the code meanwhile.
    const olderThan = code.version;
    this.#resyncs += 1;
    await this.#resync('v2-projector', { olderThan });
    const left = await this.#resync('v2-projector', { olderThan });
    if (left.done > 0) problems.push(`${left.done} keys are older than the code that has just made them anew`);
    await Promise.all([this.#resync('v2-projector', {}), this.#resync('legacy-porter', {})]);
    this.#resyncs -= 1;
  }

  #lookLater(): void {
    this.#world.scheduler.addFor(undefined, LOOK_MS, () => void this.#look().then(() => this.#lookLater()));
  }

  async #look(): Promise<void> {
    const { v2, porter, random, meddler, problems, weather } = this.#world;
    problems.push(...likeness(this.#world));
    if (!weather.isCalm && random.chance(0.1)) meddler.write();
    meddler.putBack();
    for (const each of standingEffects(v2)) if (random.chance(0.4)) await this.#giveUp('v2-projector', each);
    for (const each of standingEffects(porter)) if (random.chance(0.4)) await this.#giveUp('legacy-porter', each);
    for (const each of standingSends(porter))
      if (each.isSure || random.chance(0.4)) await this.#giveUp('legacy-porter', each);
    for (const key of standingStates(v2)) if (random.chance(0.15)) await this.#restate(key);
    for (const key of bypassed(porter)) await this.#settleBypass(key);
    await this.#endDoubts();
    for (const app of ['v2-projector', 'legacy-porter'] as const) await this.#haveMadeGood(app);
  }

  async #giveUp(app: ConsumerApp, { key, eventId }: Standing): Promise<void> {
    const told = await this.#ask(app, (asked) => asked.discard({ key, eventId, ...WORD }));
    this.#world.tell(`${app}: discard of ${eventId} of ${key}: ${told}`);
  }

  /** Says what is so, as somebody who can read what no code can. */
  async #restate(key: string): Promise<void> {
    const { v2, random } = this.#world;
    const positions = v2.committed<OffsetInMemory>(OFFSETS).map(([, row]) => row);
    const next = (partition: number) => positions.find((row) => row.partition === partition)?.nextOffset ?? 0n;
    const state = (await foldLog(this.#world, { next })).states.get(key)?.document as Note | undefined;
    const apis = this.#apps.apis();
    if (apis.length === 0) return;
    const told = await within(
      random
        .pick(apis)
        .restate(key, state, WORD)
        .then(({ outcome }) => outcome, String),
      PATIENCE_MS,
      () => NO_ANSWER,
    );
    this.#world.tell(`restatement of ${key}: ${told}`);
    if (told === 'effective') this.#world.happenings.add('key restated');
  }

  /** Once the row is as it was, what stands by it goes on. */
  async #settleBypass(key: string): Promise<void> {
    if (this.#world.meddler.hasWritten(key)) return;
    const told = await this.#ask('legacy-porter', (asked) => asked.replay(key));
    this.#world.tell(`legacy-porter: replay of ${key} behind a bypass: ${told}`);
    if (told === undefined) this.#world.happenings.add('send goes on behind a bypass');
  }

  async #endDoubts(): Promise<void> {
    const { porter, happenings } = this.#world;
    for (const [, work] of porter.committed<WorkRow>(TABLE.work)) {
      if (work.state !== 'in-doubt') continue;
      const end = this.#unanswered.get(work.eventId) ?? endDoubt(this.#world, work);
      const { ask, how } = end;
      const told = await this.#ask('legacy-porter', ask);
      if (told === NO_ANSWER) this.#unanswered.set(work.eventId, end);
      else this.#unanswered.delete(work.eventId);
      this.#world.tell(`legacy-porter: ${how} of ${work.key}: ${told}`);
      if (told === undefined) happenings.add(how);
    }
  }

  /** @returns what was wrong; undefined = nothing */
  async #ask(app: ConsumerApp, ask: (asked: Asked) => Promise<unknown> | undefined): Promise<string | undefined> {
    const running = this.#apps.asked(app);
    if (running.length === 0) return 'nobody is there';
    const asked = Promise.resolve(ask(this.#world.random.pick(running))).then(
      () => undefined,
      (error: unknown) => String(error),
    );
    return within(asked, PATIENCE_MS, () => NO_ANSWER);
  }

  async #haveMadeGood(app: ConsumerApp): Promise<void> {
    const { random } = this.#world;
    const unlike = unlikeKeys(app === 'v2-projector' ? this.#world.v2 : this.#world.porter);
    if (this.#resyncs > 0 || !random.chance(unlike.length > 0 ? 0.4 : 0.12)) return;
    const one = unlike.length > 0 && random.chance(0.3) ? random.pick(unlike) : undefined;
    const scope = one !== undefined ? { key: one } : random.chance(0.7) ? { unlike: true } : {};
    void this.#resync(app, scope);
  }

  /** As `banyan reproject` and `banyan re-port` ask for it. */
  async #resync(app: ConsumerApp, scope: Scope): Promise<Counts> {
    const { supervisor, happenings } = this.#world;
    const name = CONTROL_NAME[app];
    const data = { subject: resyncSubject(name), key: null, unlike: false, olderThan: null, ...scope };
    this.#resyncs += 1;
    let counts: Counts = { done: 0, standing: 0, failed: 0 };
    await supervisor.errand(`resync of ${name}`, async (process) => {
      const control = this.#world.control(process);
      await control.follow();
      // One who died before may have asked already.
      if (openResync(control.state(), name) === undefined)
        await write({ world: this.#world, control, process }, { type: 'banyan.control.v1.ResyncRequested', data });
      await control.until((state) => openResync(state, name) === undefined, LATEST_MS);
      counts = { ...counts, ...control.state().resyncs[name]?.ended };
      const { done, standing, failed } = counts;
      this.#world.tell(`${name} was made anew: ${done} keys, ${standing} stand, ${failed} cannot be`);
      happenings.add(app === 'v2-projector' ? 'rows made anew' : 'states sent once more');
      happenings.add('resync meets a key that stands', standing);
      happenings.add('key cannot be made anew', failed);
    });
    this.#resyncs -= 1;
    return counts;
  }
}

/** Keys of which a state stands. */
function standingStates(database: MemoryDatabase): readonly string[] {
  const parked = database.committed<ParkedInMemory>(PARKED).map(([, row]) => row);
  return [...new Set(parked.filter(({ kind }) => kind === 'state').map(({ key }) => key ?? ''))];
}

function bypassed(porter: MemoryDatabase): readonly string[] {
  const sends = porter.committed<WorkRow>(TABLE.work).map(([, row]) => row);
  return sends
    .filter(({ errorCode, state }) => state === 'parked' && errorCode === 'PORTER_BYPASS')
    .map(({ key }) => key);
}

export function unlikeKeys(database: MemoryDatabase): readonly string[] {
  return database.committed<{ readonly key: string }>(UNLIKE).map(([, { key }]) => key);
}

/** Effects behind which a key stands. */
function standingEffects(database: MemoryDatabase): readonly Standing[] {
  const parked = database.committed<ParkedInMemory>(PARKED).map(([, row]) => row);
  const byKey = Map.groupBy(
    parked.filter(({ kind }) => kind !== 'invalid'),
    ({ key }) => key ?? '',
  );
  return [...byKey].flatMap(([key, rows]) => {
    const [first] = rows.toSorted((a, b) => (a.record_offset < b.record_offset ? -1 : 1));
    return first?.kind === 'effect' ? [{ key, eventId: first.event_id ?? '' }] : [];
  });
}

/** Sends behind which a key stands. `isSure`: nothing else becomes of it. */
function standingSends(database: MemoryDatabase): readonly (Standing & { readonly isSure: boolean })[] {
  const unlike = new Set(unlikeKeys(database));
  const sends = database.committed<WorkRow>(TABLE.work).map(([, row]) => row);
  return sends.flatMap(({ key, eventId, version, state, errorCode }) => {
    const isFirst = !sends.some((other) => other.key === key && other.version < version);
    const isSure = errorCode === BEHIND_A_CREATE && unlike.has(key);
    if (!isFirst || state !== 'parked' || !(isSure || GIVEN_UP.has(errorCode ?? ''))) return [];
    return [{ key, eventId, isSure }];
  });
}
