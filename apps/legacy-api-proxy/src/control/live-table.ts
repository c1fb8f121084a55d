import {
  type Control,
  type ControlState,
  entityControl,
  NOTHING_CONTROLLED,
  PROXY_APP,
  portMode,
  type ReadMode,
  readMode,
} from '@banyan/control';
import type { GateView } from '../gate/write-gates.js';
import type { SavedTable, TableFile } from './table-file.js';

export interface LiveTableOptions {
  readonly control: Pick<Control, 'incarnation' | 'follow' | 'state' | 'onChange' | 'join' | 'leave' | 'prepared'>;
  readonly file: TableFile;
  /** Stable name of this instance. */
  readonly party: string;
  /** Where its admin port answers. */
  readonly url: () => string | null;
  onError(error: unknown, what: string): void;
  /** Default 1,000 ms. */
  readonly retryMs?: number;
}

/**
 * What this proxy goes by: the table on the disk until the control log was read to its end, then the control log. While the log is
 * away the last state counts: a move forward waits for this proxy, so nothing that matters can have changed.
 */
export class LiveTable implements GateView {
  readonly #options: LiveTableOptions;
  readonly #listeners = new Set<() => void>();
  #state: ControlState = NOTHING_CONTROLLED;
  /** Who was registered under this name when this process came up: by the rules of names, it is dead. */
  #predecessor: string | undefined;
  #hasJoined = false;
  #live = false;
  #left = false;
  #closed = false;
  #joining = false;
  #unsubscribe: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LiveTableOptions) {
    this.#options = options;
  }

  /** Resolves with the table of the disk in force. */
  async load(): Promise<void> {
    const saved = await this.#options.file.load();
    if (saved !== undefined) this.#takeOver(saved);
  }

  /** Follows the control log from here on, and joins. Returns at once: the log may be away. */
  follow(): void {
    this.#follow();
  }

  state(): ControlState {
    return this.#state;
  }

  entity(name: string) {
    return entityControl(this.#state, name);
  }

  /** @param route `order.one` */
  readMode(route: string): ReadMode {
    return readMode(this.#state, route);
  }

  /** @param port `order.backend` */
  isPortOn(port: string): boolean {
    return portMode(this.#state, port) === 'on';
  }

  /**
   * Whether moves forward wait for this name, as far as the table tells. An earlier process's registration counts until this one
   * has joined: no move passes a registered name that did not prepare, and what it prepared for stands in the table.
   */
  registered(): boolean {
    const incarnation = this.#registration();
    if (incarnation === undefined) return false;
    return incarnation === this.#options.control.incarnation || (incarnation === this.#predecessor && !this.#hasJoined);
  }

  joined(): boolean {
    return this.#registration() === this.#options.control.incarnation;
  }

  /** Another process came up under this name. It writes now; this one must not. */
  replaced(): boolean {
    const incarnation = this.#registration();
    return this.#hasJoined && incarnation !== undefined && incarnation !== this.#options.control.incarnation;
  }

  /** Whether the control log was read to its end since the start. */
  isLive(): boolean {
    return this.#live;
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Brings the present table to the disk. */
  save(): Promise<void> {
    return this.#options.file.save({ state: this.#state, left: this.#left });
  }

  /** Leaves in order: from here on nothing waits for this proxy, so first it stops writing, and its table stops counting. */
  async leave(): Promise<void> {
    if (!this.#live || !this.joined()) return;
    this.#left = true;
    this.#tell();
    await this.save();
    await this.#options.control.leave();
  }

  /** Acknowledges the open move of an entity. */
  prepared(entity: string): Promise<void> {
    return this.#options.control.prepared(entity);
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe();
    clearTimeout(this.#timer);
  }

  #registration(): string | undefined {
    return this.#left ? undefined : this.#state.parties[this.#options.party]?.incarnation;
  }

  #takeOver({ state, left }: SavedTable): void {
    this.#state = left ? withoutParty(state, this.#options.party) : state;
    this.#predecessor = this.#registration();
  }

  #follow(): void {
    this.#options.control.follow().then(
      () => {
        if (this.#closed) return;
        this.#live = true;
        this.#predecessor = this.#options.control.state().parties[this.#options.party]?.incarnation;
        this.#unsubscribe = this.#options.control.onChange(() => this.#adopt());
        this.#adopt();
      },
      (error: unknown) => {
        this.#options.onError(error, 'following the control log');
        this.#later(() => this.#follow());
      },
    );
  }

  /** Not before the log was read to its end: a state on the way there is of the past, and the table on the disk may be newer. */
  #adopt(): void {
    if (this.#left || this.#closed) return;
    this.#state = this.#options.control.state();
    this.#hasJoined ||= this.joined();
    this.#tell();
    this.save().catch((error: unknown) => this.#options.onError(error, 'saving the table'));
    this.#join();
  }

  /** At each start, and after a person forgot this proxy though it lives. Never against another process of the name. */
  #join(): void {
    if (this.#joining || this.#left || this.#closed || this.joined() || this.replaced()) return;
    this.#joining = true;
    const { control, url } = this.#options;
    control
      .join({ app: PROXY_APP, url: url() })
      .catch((error: unknown) => this.#options.onError(error, 'joining'))
      .finally(() => {
        this.#joining = false;
        if (this.joined()) this.#adopt();
        else this.#later(() => this.#adopt());
      });
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #later(work: () => void): void {
    if (this.#closed) return;
    this.#timer = setTimeout(work, this.#options.retryMs ?? 1_000);
    this.#timer.unref();
  }
}

function withoutParty(state: ControlState, party: string): ControlState {
  const { [party]: _, ...parties } = state.parties;
  return { ...state, parties };
}
