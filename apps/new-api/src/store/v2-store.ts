import {
  gather,
  type Link,
  linksByKey,
  linksByLegacyId,
  type ParkedEntry,
  type Pool,
  parkedEntries,
  query,
  type ReadState,
  readPlacedStates,
  readStates,
  type StateAsked,
  type StoredState,
} from '@banyan/postgres';
import { notReady, orNotReady as orStoreNotReady } from './not-ready.js';

const SCHEMA = 'v2';

/**
 * The projector's store, for reading. Until the projector has made it every question is 503 `API_STORE_NOT_READY`. What every command
 * asks is asked for many at once.
 */
export class V2Store {
  private readonly stateAt: (asked: StateAsked) => Promise<ReadState>;

  constructor(readonly pool: Pool) {
    this.stateAt = gather({ run: (asked) => readPlacedStates(pool, SCHEMA, asked) });
  }

  /** Document, applied version, fold, position, authority and the epoch that all partitions have reached, in one snapshot. */
  state(entity: string, key: string, partition?: number): Promise<ReadState> {
    return orNotReady(this.stateAt({ consumer: entity, key, partition }));
  }

  states(entity: string, keys: readonly string[]): Promise<ReadonlyMap<string, StoredState>> {
    return orNotReady(readStates(this.pool, SCHEMA, entity, keys));
  }

  /** Legacy ids by key, for reading only. */
  async legacyIds(entity: string, keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const links = await orNotReady(linksByKey(this.pool, SCHEMA, entity, keys));
    return new Map(links.map((link) => [link.key, link.legacyId]));
  }

  links(entity: string, legacyIds: readonly string[]): Promise<readonly Link[]> {
    return orNotReady(linksByLegacyId(this.pool, SCHEMA, entity, legacyIds));
  }

  /** What makes the key stand still. */
  async parked(entity: string, key: string): Promise<ParkedEntry | undefined> {
    const entries = await orNotReady(parkedEntries(this.pool, SCHEMA, { consumer: entity, key, limit: 10 }));
    return entries.find((entry) => entry.kind === 'state') ?? entries[0];
  }

  rows(text: string, values: readonly unknown[]): Promise<readonly Record<string, unknown>[]> {
    return orNotReady(query(this.pool, text, values));
  }

  /** Throws when the projector has not prepared one of the entities. */
  async requirePrepared(entities: readonly string[]): Promise<void> {
    const rows = await this.rows('select distinct consumer from v2.sink_offset', []);
    const prepared = new Set(rows.map((row) => row.consumer));
    const missing = entities.filter((entity) => !prepared.has(entity));
    if (missing.length === 0) return;
    throw notReady(
      `v2-projector has not prepared ${missing.join(', ')}; start it, and see its TRANSFORMERS`,
      undefined,
    );
  }
}

/** What the API asks of the V2 store. */
export type V2View = Omit<V2Store, 'pool' | 'requirePrepared'>;

function orNotReady<T>(answer: Promise<T>): Promise<T> {
  return orStoreNotReady(answer, 'The V2 store', 'start v2-projector');
}
