import { aheadOf } from './pace.js';
import type { MayEnter } from './places.js';

/** What the control log says of a port's sending. */
export interface PortSetting {
  readonly paused: boolean;
  /** Sends at its target at most that are its own; undefined = it shares with all others that have none. */
  readonly sends: number | undefined;
}

/** Ports that one claim is for, and how many sends it may take for them. */
export interface Lane {
  readonly consumers: readonly string[];
  readonly room: number;
}

export interface LanesOptions {
  /** `order.backend`, … */
  readonly consumers: readonly string[];
  /** Sends at the target at most of the ports together that have no number of their own. */
  readonly shared: number;
  /** As it is now. */
  settingOf(consumer: string): PortSetting;
}

/** How many sends each port may have at its target in this process: its own number, or its share of what the others have together. */
export class Lanes {
  readonly #options: LanesOptions;
  #turn = 0;

  constructor(options: LanesOptions) {
    this.#options = options;
  }

  get consumers(): readonly string[] {
    return this.#options.consumers;
  }

  /** Of one port. */
  limitOf(consumer: string): number {
    return this.#options.settingOf(consumer).sends ?? this.#options.shared;
  }

  /** Of all together. A pause does not change it: what a target bears was learned with it, and holds when the port goes on. */
  total(): number {
    const own = this.#options.consumers.map((consumer) => this.#options.settingOf(consumer).sends);
    const sum = own.reduce<number>((all, sends) => all + (sends ?? 0), 0);
    return own.includes(undefined) ? sum + this.#options.shared : sum;
  }

  /**
   * What may be claimed now: as many as may be at the target, and some to follow them. In turns, since the target may bear less than the lanes
   * together: the first of them would take it all.
   * @param unanswered sends of a port that are on their way to the target, or there
   */
  open(unanswered: (consumer: string) => number): readonly Lane[] {
    const lanes = this.#lanes()
      .map(({ consumers, limit }) => {
        return { consumers: consumers.filter(this.#runs), room: limit + aheadOf(limit) - sum(consumers, unanswered) };
      })
      .filter((lane) => lane.consumers.length > 0 && lane.room > 0);
    this.#turn += 1;
    const first = this.#turn % Math.max(1, lanes.length);
    return [...lanes.slice(first), ...lanes.slice(0, first)];
  }

  /** Whether one more send of a port may turn to the target now. @param inside sends of a port that are there */
  readonly mayEnter = (consumer: string, inside: (consumer: string) => number): MayEnter => {
    if (!this.#runs(consumer)) return 'not';
    const lane = this.#lanes().find(({ consumers }) => consumers.includes(consumer));
    return lane !== undefined && sum(lane.consumers, inside) < lane.limit ? 'now' : 'later';
  };

  readonly #runs = (consumer: string): boolean => !this.#options.settingOf(consumer).paused;

  /** Those that share, and each of the others. */
  #lanes(): readonly { readonly consumers: readonly string[]; readonly limit: number }[] {
    const { consumers, shared, settingOf } = this.#options;
    const sharing = consumers.filter((consumer) => settingOf(consumer).sends === undefined);
    const own = consumers.filter((consumer) => !sharing.includes(consumer));
    return [
      { consumers: sharing, limit: shared },
      ...own.map((consumer) => ({ consumers: [consumer], limit: this.limitOf(consumer) })),
    ];
  }
}

function sum(consumers: readonly string[], count: (consumer: string) => number): number {
  return consumers.reduce((all, consumer) => all + count(consumer), 0);
}

/** One lane for all, which nobody changes. */
export function sharedLane(consumers: readonly string[], shared: number): Lanes {
  return new Lanes({ consumers, shared, settingOf: () => ({ paused: false, sends: undefined }) });
}
