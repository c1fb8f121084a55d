import { BanyanError, type Clock, type Marker } from '@banyan/core';
import type { Control } from '../control.js';
import { type ControlState, type EntityControl, entityControl, type Move, unprepared } from '../control-state.js';
import { followWithin } from '../follow-within.js';
import { stepOf } from '../legal-steps.js';
import { type MoveAction, type MoveFacts, type MoveGoal, nextMoveStep } from './next-move-step.js';

/** What a driver needs besides the control log. All of it may be repeated. */
export interface MovePorts {
  /** Lowest and highest stored epoch of the consumers that fold the entity's topic; `consumer` is how people know it. */
  epochs(): Promise<readonly { readonly consumer: string; readonly lowest: number; readonly highest: number }[]>;
  /** Appends it to every partition of the entity's topic; resolves when all are acknowledged. */
  mark(marker: Marker): Promise<void>;
  /**
   * What legacy does not have yet, in words: what is parked, in doubt, waiting or on its way.
   * @param fence epoch of the fence before which everything has to be settled; undefined = there is none yet
   */
  unsettled(fence: number | undefined): Promise<readonly string[]>;
  /** Longest life of a request at legacy, milliseconds: what a forgotten proxy sent may still take effect for as long. */
  readonly settleAfterMs: number;
}

export interface DriveOptions {
  readonly control: Control;
  readonly entity: string;
  readonly goal: MoveGoal;
  readonly ports: MovePorts;
  /** Who drives. */
  readonly by: string;
  readonly reason?: string | null;
  readonly clock: Clock;
  /** How long to wait for proxies, for markers to be folded, and for the porter to settle, milliseconds each. Default 30,000. */
  readonly patienceMs?: number;
  /** Asked between steps; true = stop, resumable. */
  readonly interrupted?: () => boolean;
  /** Told before each step and once per wait, in words. */
  readonly onStep?: (words: string) => void;
}

export interface MoveResult {
  /**
   * `moved`, `aborted`: it is done, by this driver or another. `there`: nothing had to be done. `nothing-open`: there was no move to
   * abort. `given-up`: somebody else aborted it meanwhile; an abort that came too late ends in `moved`.
   * `open`: it is not done and can be gone on with by the same call.
   */
  readonly outcome: 'moved' | 'aborted' | 'there' | 'nothing-open' | 'given-up' | 'open';
  readonly entity: EntityControl;
  /** `open` only: what it waits for. */
  readonly waitsFor: readonly string[];
}

const PATIENCE_MS = 30_000;
const LOOK_AGAIN_MS = 100;
const MARK_AGAIN_MS = 5_000;
const FOLLOW_MS = 10_000;
/** When a proxy was forgotten is told by another wall clock than the driver's; they are less than this apart. */
const CLOCKS_APART_MS = 60_000;

/**
 * Walks a move to its end, or gives it up: opens and plans where nothing is open, else goes on with the open one, whoever planned it.
 * Throws `AUTHORITY_REFUSED` with what stands in the way; nothing was moved by this call then.
 */
export function driveMove(options: DriveOptions): Promise<MoveResult> {
  return new Driver(options).run();
}

class Driver {
  readonly #options: DriveOptions;
  readonly #patienceMs: number;
  /** What is waited for now, and since when (monotonic). */
  #wait: { readonly on: string; readonly sinceMs: number } | undefined;
  /** The marker that was appended last, and when (monotonic). */
  #marked: { readonly epoch: number; readonly atMs: number } | undefined;
  /** The open move as it was planned, once seen: when none is open any more, it has ended, by whomever. */
  #seen: Move | undefined;
  /** Forgettings whose proxies have nothing under way any more that legacy could take. */
  readonly #outlived = new Set<string>();

  constructor(options: DriveOptions) {
    this.#options = options;
    this.#patienceMs = options.patienceMs ?? PATIENCE_MS;
  }

  async run(): Promise<MoveResult> {
    const { control, entity: name, interrupted } = this.#options;
    await control.follow();
    for (;;) {
      const state = control.state();
      const entity = entityControl(state, name);
      if (this.#seen !== undefined && entity.move === undefined) return this.#ended(entity, this.#seen);
      this.#seen ??= entity.move;
      if (interrupted?.() === true) return { outcome: 'open', entity, waitsFor: [] };
      const action = await this.#next(state, entity);
      const result = await this.#take(action, state, entity);
      if (result !== undefined) return result;
    }
  }

  async #next(state: ControlState, entity: EntityControl): Promise<MoveAction> {
    const { entity: name, goal } = this.#options;
    const open = entity.move === undefined ? [] : unprepared(state, entity.move);
    return nextMoveStep({ name, entity, unprepared: open, goal, facts: await this.#facts(entity) });
  }

  async #facts({ move }: EntityControl): Promise<MoveFacts> {
    const { goal, ports } = this.#options;
    const epochs = await ports.epochs();
    const lowestEpoch = Math.min(...epochs.map(({ lowest }) => lowest));
    const back = move === undefined ? goal === 'legacy' : move.direction === 'back' && move.step === 'fenced';
    return {
      lowestEpoch: epochs.length === 0 ? 0 : lowestEpoch,
      highestEpoch: Math.max(0, ...epochs.map(({ highest }) => highest)),
      // Before the fence is folded everywhere, "settled" would say nothing of what lies between.
      unsettled: back && (move === undefined || lowestEpoch >= move.epoch) ? await ports.unsettled(move?.epoch) : [],
    };
  }

  async #take(action: MoveAction, state: ControlState, entity: EntityControl): Promise<MoveResult | undefined> {
    switch (action.do) {
      case 'write':
        return this.#write(action, state, entity);
      case 'mark':
        return this.#mark(action.marker, entity);
      case 'wait':
        return this.#waitFor(
          action.for === 'proxies' ? 'proxies have to prepare' : 'legacy has to have everything',
          action.open,
          entity,
        );
      case 'stop':
        return { outcome: action.outcome, entity, waitsFor: [] };
      case 'refuse':
        throw refused(this.#options.entity, action.why);
    }
  }

  async #write(
    { change }: Extract<MoveAction, { do: 'write' }>,
    state: ControlState,
    entity: EntityControl,
  ): Promise<undefined> {
    const { control, by, reason } = this.#options;
    if (change.type === 'banyan.control.v1.MoveFenced') await this.#outliveTheForgotten(entity);
    this.#say(stepOf(change.type));
    const { subject } = change.data;
    const expectedVersion = state.versions[subject] ?? 0;
    const answer = await control.append(change, { by, reason: reason ?? null, expectedVersion });
    if (answer.accepted) return;
    const now = control.state();
    // Another driver was first, or a proxy came: look again. Otherwise nothing will change by looking.
    const moved = (now.versions[subject] ?? 0) !== expectedVersion || now.parties !== state.parties;
    if (!moved) throw refused(this.#options.entity, answer.why);
    this.#say(`${answer.by ?? 'somebody'} was first (${answer.at ?? 'just now'}): looking again`);
  }

  /** What a proxy sent that a person declared dead may still arrive at legacy. */
  async #outliveTheForgotten({ move }: EntityControl): Promise<void> {
    const { control, ports } = this.#options;
    if (move?.direction !== 'forward') return;
    // Looked at again behind each wait: a proxy that came and was forgotten meanwhile keeps nobody from deciding the fence.
    for (let fresh = this.#freshlyForgotten(); fresh.length > 0; fresh = this.#freshlyForgotten()) {
      const names = fresh.map(([name]) => name).join(', ');
      this.#say(`${names} was forgotten: waiting ${ports.settleAfterMs} ms for what it sent`);
      await pause(ports.settleAfterMs);
      await followWithin(control, FOLLOW_MS);
      for (const forgetting of fresh) this.#outlived.add(forgetting.join(' '));
    }
  }

  #freshlyForgotten(): readonly [name: string, at: string][] {
    const { clock, control, ports } = this.#options;
    const freshMs = ports.settleAfterMs + CLOCKS_APART_MS;
    return Object.entries(control.state().forgotten).filter(
      ([name, at]) => Math.abs(clock.now() - Date.parse(at)) < freshMs && !this.#outlived.has(`${name} ${at}`),
    );
  }

  async #mark(marker: Marker, entity: EntityControl): Promise<MoveResult | undefined> {
    const { clock, ports } = this.#options;
    const { epoch } = marker;
    if (this.#marked?.epoch !== epoch || clock.monotonic() - this.#marked.atMs >= MARK_AGAIN_MS) {
      this.#say(`${marker.type} of epoch ${epoch} to every partition`);
      await ports.mark(marker);
      this.#marked = { epoch, atMs: clock.monotonic() };
    }
    const behind = (await ports.epochs()).filter(({ lowest }) => lowest < epoch);
    if (behind.length === 0) return undefined;
    const open = behind.map(({ consumer, lowest }) => `${consumer} (at epoch ${lowest})`);
    return this.#waitFor(`every partition has to have epoch ${epoch}`, open, entity);
  }

  async #waitFor(what: string, open: readonly string[], entity: EntityControl): Promise<MoveResult | undefined> {
    const { clock } = this.#options;
    const nowMs = clock.monotonic();
    if (this.#wait?.on !== what) {
      this.#wait = { on: what, sinceMs: nowMs };
      this.#say(`${what}: ${open.join(', ')}`);
    }
    if (nowMs - this.#wait.sinceMs >= this.#patienceMs) return { outcome: 'open', entity, waitsFor: open };
    await pause(LOOK_AGAIN_MS);
    return undefined;
  }

  #ended(entity: EntityControl, { toMode, epoch }: Move): MoveResult {
    const { goal } = this.#options;
    const moved = entity.writeMode === toMode && entity.epoch >= epoch;
    const undone = goal === 'abort' ? 'aborted' : entity.writeMode === goal ? 'there' : 'given-up';
    return { outcome: moved ? 'moved' : undone, entity, waitsFor: [] };
  }

  #say(words: string): void {
    this.#options.onStep?.(words);
  }
}

function refused(entity: string, why: string): BanyanError {
  return new BanyanError('AUTHORITY_REFUSED', `Writes of ${entity} do not move: ${why}.`, { data: { entity, why } });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
