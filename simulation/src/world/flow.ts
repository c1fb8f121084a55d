import {
  type Control,
  type ControlChange,
  consumerControl,
  consumerSubject,
  endResync,
  obeyPauses,
  wantedResync,
} from '@banyan/control';
import { isBanyanError, systemClock } from '@banyan/core';
import type { RunningConsumer, SliceHandler } from '@banyan/kafka';
import { Lanes, settingOf } from '@banyan/legacy-porter/testing';
import { type RunResyncOptions, runResync } from '@banyan/sink';
import type { Process } from './process.js';
import { pause } from './waiting.js';
import type { World } from './world.js';

/** As the control log calls them. */
export const CONSUMER = { projector: 'v2-projector.note', porter: 'legacy-porter.note.backend' } as const;
export type ConsumerName = (typeof CONSUMER)[keyof typeof CONSUMER];

/** Behind this nobody believes any more that it comes, milliseconds. */
const LATEST_MS = 60_000;

/** So few that a world's keys make several batches. */
const KEYS_AT_A_TIME = 3;

export type Pausable = Pick<RunningConsumer, 'pause' | 'resume'>;

/** How a process finds out what people ask of it; in worlds where nobody asks for anything it does not look. */
export class Flow {
  readonly #world: World;
  readonly #control: Control | undefined;
  readonly #name: ConsumerName;
  #stands: boolean;

  constructor(world: World, process: Process, name: ConsumerName) {
    this.#world = world;
    this.#name = name;
    this.#control = world.isPaused || world.isRepaired ? world.control(process) : undefined;
    this.#stands = this.#control !== undefined;
  }

  /** Whether a consumer is to begin nothing before it is told. */
  get stands(): boolean {
    return this.#stands;
  }

  obey(running: Pausable): void {
    const control = this.#control;
    if (control === undefined) return;
    const member = this.#world.variant.pausable?.(running) ?? running;
    const told = {
      pause: () => {
        this.#stands = true;
        member.pause();
      },
      resume: () => {
        this.#stands = false;
        member.resume();
      },
    };
    const onChange = (_: string, paused: unknown): void =>
      this.#world.happenings.add(paused === undefined ? 'consumer goes on' : 'consumer paused');
    obeyPauses({ control, consumers: () => new Map([[this.#name, told]]), onChange });
  }

  /** The handler, seen from outside: what stands begins nothing. */
  watched(handler: SliceHandler): SliceHandler {
    return {
      position: (partition) => handler.position(partition),
      handle: (slice) => {
        if (this.#stands)
          this.#world.problems.push(`${this.#name} is paused, and handles partition ${slice.partition}`);
        return handler.handle(slice);
      },
    };
  }

  /** What the porter may have in flight. @param consumer as it calls itself */
  lanes(consumer: string, shared: number): Lanes {
    const free = { paused: false, sends: undefined };
    const setting = () => (this.#control === undefined ? free : settingOf(this.#control.state(), consumer));
    return new Lanes({ consumers: [consumer], shared, settingOf: setting });
  }

  /** Carries out what the control log asks to be made anew, as the app does. */
  makeAnew(of: Pick<RunResyncOptions, 'batch' | 'underWay'>): void {
    const control = this.#control;
    if (control === undefined || !this.#world.isRepaired) return;
    const { wake } = runResync({
      ...of,
      wanted: () => wantedResync(control, this.#name),
      batch: (request, { workedMs }) => of.batch(request, { size: KEYS_AT_A_TIME, workedMs }),
      finished: (progress) => endResync(control, this.#name, progress),
      onError: (error) => this.#world.tell(`${this.#name} makes anew: ${String(error)}`),
      clock: systemClock,
      stopping: new AbortController().signal,
    });
    control.onChange(wake);
    void control.follow().then(wake);
  }

  /** Whether a send may begin at all: before the control log is read once, nobody knows of a pause. */
  mayBegin(): boolean {
    return this.#control?.caughtUp() ?? true;
  }
}

/** An operator pauses consumers for a while, or sets how much the porter sends at a time. Leaves all of them running. */
export async function pauseNowAndThen(world: World, process: Process): Promise<void> {
  const { random } = world;
  const control = world.control(process);
  await control.follow();
  const operator = { world, control, process };
  const names = Object.values(CONSUMER);
  for (let times = 1 + random.below(3); times > 0; times -= 1) {
    await pause(random.around(3_000));
    const name = random.pick(names);
    if (name === CONSUMER.porter && random.chance(0.4)) {
      const sends = 1 + random.below(6);
      await write(operator, {
        type: 'banyan.control.v1.ConcurrencySet',
        data: { subject: consumerSubject(name), sends },
      });
      world.happenings.add('concurrency set');
      continue;
    }
    await write(operator, paused(name));
    await pause(random.around(3_000));
  }
  for (const name of names) {
    // One who died before may have a pause on its way: behind these it names an old version, and is refused.
    await write(operator, paused(name));
    while (consumerControl(control.state(), name).paused !== undefined) {
      await write(operator, {
        type: 'banyan.control.v1.ConsumerResumed',
        data: { subject: consumerSubject(name) },
      });
    }
  }
}

const paused = (name: ConsumerName): ControlChange => ({
  type: 'banyan.control.v1.ConsumerPaused',
  data: { subject: consumerSubject(name) },
});

export interface Operator {
  readonly world: World;
  readonly control: Control;
  readonly process: Process;
}

/** Where the answer is lost, whoever asked looks until it is seen what became of it: it may come late, behind what is done next. */
export async function write({ world, control, process }: Operator, change: ControlChange): Promise<void> {
  const { subject } = change.data;
  const version = () => control.state().versions[subject] ?? 0;
  const before = version();
  try {
    const { accepted } = await control.append(change, { by: process.name });
    world.tell(`${process.name}: ${change.type} of ${subject}: ${accepted ? 'done' : 'refused'}`);
  } catch (error) {
    if (!isBanyanError(error)) throw error;
    await control.until(() => version() !== before, LATEST_MS).catch(() => undefined);
  }
}
