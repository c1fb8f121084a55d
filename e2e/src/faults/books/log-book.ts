import { type Codec, topicName } from '@banyan/contracts';
import { type Authority, FIRST_AUTHORITY, isNativeOrigin } from '@banyan/core';
import type { EventLog } from '@banyan/kafka';
import { NO_STATE, type Pool, readStates, type StoredState } from '@banyan/postgres';
import { type Change, decodeAll } from '@banyan/sink';
import { foldSlice } from '@banyan/sink/testing';
import { type AnyEntity, topicOf } from '@banyan/transformer';
import type { Finding } from '../finding.js';
import { TopicTail } from './topic-tail.js';

export interface LogBookOptions {
  readonly log: EventLog;
  readonly codec: Codec;
  readonly entity: AnyEntity;
  readonly topicPrefix: string;
}

/** An entity's topic, folded here from its beginning at one go: what every store has to have come to. */
export class LogBook {
  readonly #options: LogBookOptions;
  readonly #tail: TopicTail;
  readonly #authorities = new Map<number, Authority>();
  readonly #states = new Map<string, StoredState>();
  readonly #natives = new Counts();
  readonly #imports = new Counts();
  readonly #fresh = new Set<string>();
  #found: Finding[] = [];

  constructor(options: LogBookOptions) {
    this.#options = options;
    this.#tail = new TopicTail(options.log, topicName(options.topicPrefix, topicOf(options.entity)));
  }

  /** Takes in what was appended since the last look. */
  async read(): Promise<void> {
    const { entity, codec } = this.#options;
    const types = new Set(entity.events.map(({ name }) => name));
    for (const [partition, records] of await this.#tail.read()) {
      const folded = foldSlice({
        entity,
        authority: this.#authorities.get(partition) ?? FIRST_AUTHORITY,
        states: this.#states,
        knownInvalid: new Set(),
        items: await decodeAll(codec, types, records),
      });
      this.#authorities.set(partition, folded.authority);
      for (const [key, state] of folded.states) {
        this.#states.set(key, state);
        this.#fresh.add(key);
      }
      for (const change of folded.changes) if (change.outcome === 'effective') this.#count(change);
    }
  }

  /** From now on `since` counts: what else is counted begins here, too. */
  mark(): void {
    this.#natives.mark();
    this.#imports.mark();
  }

  /** Effective natives: user actions that took effect. */
  natives(key: string): number {
    return this.#natives.of(key);
  }

  since(key: string): { readonly natives: number; readonly imports: number } {
    return { natives: this.#natives.since(key), imports: this.#imports.since(key) };
  }

  /** As it is known by now; undefined = nothing ever named it. */
  state(key: string): StoredState | undefined {
    return this.#states.get(key);
  }

  get epoch(): number {
    return Math.min(...[...this.#authorities.values()].map(({ epoch }) => epoch));
  }

  get keys(): Iterable<string> {
    return this.#states.keys();
  }

  /** What the log itself shows to be wrong, since this was asked last. */
  takeFindings(): readonly Finding[] {
    return this.#found.splice(0);
  }

  /** Keys that changed since the last call. */
  takeFresh(): readonly string[] {
    const keys = [...this.#fresh];
    this.#fresh.clear();
    return keys;
  }

  #count({ key, origin, eventId }: Change): void {
    if (isNativeOrigin(origin)) {
      this.#natives.add(key);
      return;
    }
    this.#imports.add(key);
    // No trial moves the authority: all is one epoch.
    if (this.natives(key) > 0)
      this.#found.push({
        promise: 'P6',
        kind: 'covered',
        what: `import ${eventId} took effect on ${key}, which V2 owns`,
      });
  }
}

class Counts {
  readonly #now = new Map<string, number>();
  #marked: ReadonlyMap<string, number> = new Map();

  add(key: string): void {
    this.#now.set(key, this.of(key) + 1);
  }

  of(key: string): number {
    return this.#now.get(key) ?? 0;
  }

  mark(): void {
    this.#marked = new Map(this.#now);
  }

  since(key: string): number {
    return this.of(key) - (this.#marked.get(key) ?? 0);
  }
}

/** A store came to something else than the log did. @param where schema and consumer */
export async function storeUnlikeLog(
  book: LogBook,
  pool: Pool,
  where: { readonly schema: string; readonly consumer: string },
  keys: readonly string[],
): Promise<readonly Finding[]> {
  const stored = await readStates(pool, where.schema, where.consumer, keys);
  return keys.flatMap((key) => {
    const is = comparable(stored.get(key) ?? NO_STATE);
    const log = comparable(book.state(key) ?? NO_STATE);
    const what = `${where.schema} has ${key} as ${is}, the log says ${log}`;
    return is === log ? [] : [{ promise: 'P4', kind: 'other', what } as const];
  });
}

function comparable({ keyState, appliedVersion, parked, effectsHeld, stateHash }: StoredState): string {
  const { version, liveness, owner, epoch, hash, recent } = keyState;
  const ids = recent.map(({ eventId }) => eventId);
  return JSON.stringify({ version, liveness, owner, epoch, hash, ids, appliedVersion, parked, effectsHeld, stateHash });
}
