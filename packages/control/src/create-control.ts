import { CONTROL_TOPIC, type Codec, HEADER, type LogRecord, plainHeaders, topicName } from '@banyan/contracts';
import type { ControlEvent } from '@banyan/contracts/events/banyan.control.v1';
import { BanyanError, type Clock, isBanyanError, type NewId } from '@banyan/core';
import type { Appender, EventLog } from '@banyan/kafka';
import type { Appended, AppendOptions, Control, HistoryEntry, PartyDescription } from './control.js';
import type { ControlChange } from './control-event.js';
import { ControlMemory, eventOf } from './control-memory.js';
import type { ControlState } from './control-state.js';
import { followWithin } from './follow-within.js';
import { Follower } from './follower.js';
import { type Identity, join, leave, prepared } from './party.js';

export interface ControlOptions {
  readonly log: EventLog;
  /** Has to know `CONTROL_TYPES`. */
  readonly codec: Codec;
  readonly topicPrefix: string;
  /** Stable name of this process; a CLI takes any. */
  readonly instance: string;
  readonly newId: NewId;
  readonly clock: Clock;
  /** How often new events are looked for, milliseconds. Default 200. */
  readonly pollMs?: number;
  /**
   * The log does not continue where it was read (`CONTROL_LOST`): what was known stays, nothing more is taken. Told once; `whenLost` is what
   * apps do. @param knew it had been read to its end before
   */
  readonly onLost?: (error: BanyanError, knew: boolean) => void;
}

const POLL_MS = 200;
/** How long `append` waits for the log, and then for the fold. */
const APPEND_MS = 10_000;
const CLOSE_MS = 2_000;

/** The control log on a real log. Connects when it is first used, and heals. */
export function createControl(options: ControlOptions): Control {
  return new LogControl(options);
}

class LogControl implements Control {
  readonly #options: ControlOptions;
  readonly #topic: string;
  readonly #memory = new ControlMemory();
  readonly #follower: Follower;
  readonly #identity: Identity;
  readonly #closing = new AbortController();
  #appender: Promise<Appender> | undefined;

  constructor(options: ControlOptions) {
    const { log, topicPrefix, instance, newId, clock, pollMs, onLost } = options;
    this.#options = options;
    this.#topic = topicName(topicPrefix, CONTROL_TOPIC);
    this.#identity = { name: instance, incarnation: newId() };
    this.#follower = new Follower({
      log,
      topic: this.#topic,
      pollMs: pollMs ?? POLL_MS,
      clock,
      take: (record) => this.#take(record),
      ...(onLost === undefined ? {} : { onLost }),
    });
  }

  get incarnation(): string {
    return this.#identity.incarnation;
  }

  follow(): Promise<void> {
    return this.#follower.follow();
  }

  state(): ControlState {
    return this.#memory.state;
  }

  caughtUp(): boolean {
    return this.#follower.caughtUp;
  }

  lastError(): Error | undefined {
    return this.#follower.lastError;
  }

  sinceTriedMs(): number {
    return this.#follower.sinceTriedMs;
  }

  onChange(listener: (state: ControlState) => void): () => void {
    return this.#memory.onChange(listener);
  }

  until(predicate: (state: ControlState) => boolean, timeoutMs: number): Promise<ControlState> {
    return this.#memory.until(predicate, timeoutMs);
  }

  history(subject?: string): readonly HistoryEntry[] {
    return this.#memory.history(subject);
  }

  async append(change: ControlChange, options: AppendOptions = {}): Promise<Appended> {
    const { clock, codec, instance, newId } = this.#options;
    // Caught up, the version is the one that the caller decided on: to read on first would hide that somebody was faster.
    if (!this.caughtUp()) await followWithin(this, APPEND_MS);
    const version = this.state().versions[change.data.subject] ?? 0;
    await codec.prepare();
    const { subject } = change.data;
    const atMs = clock.now();
    const event = eventOf(change, {
      expectedVersion: options.expectedVersion ?? version,
      by: options.by ?? instance,
      reason: options.reason ?? null,
      atMs,
    });
    const id = newId();
    const record = {
      topic: this.#topic,
      partition: 0,
      key: null,
      value: codec.encode(event.type, event.data),
      headers: plainHeaders({ id, type: event.type, source: instance, timeMs: atMs, subject }),
    };
    const verdict = this.#memory.verdictOf(id);
    const { promise: late, reject } = Promise.withResolvers<never>();
    const giveUp = () => reject(unknownFate(event, id));
    const timer = setTimeout(giveUp, 2 * APPEND_MS);
    this.#closing.signal.addEventListener('abort', giveUp, { once: true });
    try {
      return await Promise.race([this.#written(record, event, id).then(() => verdict.appended), late]);
    } finally {
      clearTimeout(timer);
      this.#closing.signal.removeEventListener('abort', giveUp);
      verdict.forget();
    }
  }

  async join(party: PartyDescription): Promise<void> {
    await this.follow();
    await join(this, this.#identity, party);
  }

  leave(): Promise<void> {
    return leave(this, this.#identity);
  }

  prepared(entity: string): Promise<void> {
    return prepared(this, this.#identity, entity);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#follower.stop();
    const appender = await this.#appender?.catch(() => undefined);
    await appender?.close(CLOSE_MS);
  }

  async #written(record: Parameters<Appender['append']>[0], event: ControlEvent, id: string): Promise<void> {
    this.#appender ??= this.#options.log.appender();
    try {
      await (await this.#appender).append(record, { deadlineMs: APPEND_MS });
      this.#follower.wake();
    } catch (error) {
      if (isBanyanError(error) && error.code === 'LOG_UNKNOWN') throw unknownFate(event, id, error);
      throw error;
    }
  }

  async #take(record: LogRecord): Promise<void> {
    const { headers } = record;
    const id = headers[HEADER.id] ?? `${record.partition}/${record.offset}`;
    const type = headers[HEADER.type] ?? '';
    try {
      const data = await this.#options.codec.decode(type, record.value);
      this.#memory.fold({ id, event: { type, data } as ControlEvent });
    } catch (error) {
      if (!isBanyanError(error) || error.retryable) throw error;
      const of = { subject: headers[HEADER.subject] ?? '', type: type.slice(type.lastIndexOf('.') + 1) };
      const at = new Date(record.timestampMs).toISOString();
      this.#memory.unreadable({ id, ...of, by: headers[HEADER.source] ?? '', at }, error.message);
    }
  }
}

function unknownFate(event: ControlEvent, id: string, cause?: unknown): BanyanError {
  const { subject } = event.data;
  return new BanyanError(
    'CONTROL_UNKNOWN',
    `Whether ${event.type} of ${subject} (${id}) was written is not known; look at the history of ${subject}, then try again.`,
    { retryable: true, data: { type: event.type, subject, id }, cause },
  );
}
