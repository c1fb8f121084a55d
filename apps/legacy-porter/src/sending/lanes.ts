/** What the control log says of a port's sending. */
export interface PortSetting {
  readonly paused: boolean;
  /** Sends in flight at most that are its own; undefined = it shares with all others that have none. */
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
  /** Sends in flight at most of the ports together that have no number of their own. */
  readonly shared: number;
  /** As it is now. */
  settingOf(consumer: string): PortSetting;
}

/** How many sends each port may have in flight in this process: its own number, or its share of what the others have together. */
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
   * What may be claimed now. In turns, since the target may bear less than the lanes together: the first of them would take it all.
   * @param inFlight sends of a port that are under way
   */
  open(inFlight: (consumer: string) => number): readonly Lane[] {
    const { consumers, shared, settingOf } = this.#options;
    const flying = (of: readonly string[]) => of.reduce((sum, consumer) => sum + inFlight(consumer), 0);
    const sharing = consumers.filter((consumer) => settingOf(consumer).sends === undefined);
    const lanes = [
      { consumers: sharing.filter(runs), room: shared - flying(sharing) },
      ...consumers
        .filter((consumer) => !sharing.includes(consumer))
        .map((consumer) => ({
          consumers: [consumer].filter(runs),
          room: this.limitOf(consumer) - inFlight(consumer),
        })),
    ].filter((lane) => lane.consumers.length > 0 && lane.room > 0);
    this.#turn += 1;
    const first = this.#turn % Math.max(1, lanes.length);
    return [...lanes.slice(first), ...lanes.slice(0, first)];

    function runs(consumer: string): boolean {
      return !settingOf(consumer).paused;
    }
  }
}

/** One lane for all, which nobody changes. */
export function sharedLane(consumers: readonly string[], shared: number): Lanes {
  return new Lanes({ consumers, shared, settingOf: () => ({ paused: false, sends: undefined }) });
}
