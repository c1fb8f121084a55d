import type { Codec } from '@banyan/contracts';
import type { Clock, ImportOrigin, NewId } from '@banyan/core';
import type { Appender } from '@banyan/kafka';
import type { LegacyReader } from '@banyan/legacy';
import type { Pool } from '@banyan/postgres';
import type { AnyEntity, LegacyRow } from '@banyan/transformer';
import type { GivenUp } from './given-up.js';
import type { PorterApi } from './porter-client.js';
import type { ProjectionProgress } from './projection-progress.js';
import type { StateObserver } from './state-observer.js';

/** What became of a legacy id. `absent` = legacy has no such row; where V2 knew it, that has been imported. */
export type ImportBucket = 'imported' | 'unchanged' | 'already-new' | 'held' | 'invalid' | 'absent';

export interface ImportItem {
  /** As given; `canonicalId` is applied. */
  readonly legacyId: string;
  /** Where ids come only together with rows: the row. Used only when its key was never seen; else it is read again. */
  readonly row?: LegacyRow | undefined;
}

export interface RowRef {
  readonly entity: string;
  /** Canonical. */
  readonly legacyId: string;
}

export interface ImportResult {
  /** That of the row; of what was asked for when there is none. */
  readonly legacyId: string;
  readonly bucket: ImportBucket;
  /** The entity id, where it is known. */
  readonly key?: string;
  /** Of the import that took effect or was superseded. */
  readonly eventId?: string;
  /** Why it is held or invalid. */
  readonly reason?: string;
  /** The other entities that the row names. */
  readonly refs: readonly RowRef[];
}

export interface ImporterOptions {
  readonly entity: AnyEntity;
  /** All entities, those that rows of this one name included. */
  readonly entities: readonly AnyEntity[];
  readonly origin: ImportOrigin;
  /** `ce_source`: who imports, e.g. `new-api/new-api-0`. */
  readonly source: string;
  readonly topicPrefix: string;
  readonly log: Pick<Appender, 'append' | 'partitionOf'>;
  /** Prepared. */
  readonly codec: Pick<Codec, 'encode'>;
  /** The V2 store, to observe states. */
  readonly pool: Pool;
  readonly progress: ProjectionProgress;
  readonly reader: LegacyReader;
  readonly porter: PorterApi;
  readonly newId: NewId;
  readonly clock: Clock;
  /** How long a caller waits for each append. Default 10,000 ms. */
  readonly appendDeadlineMs?: number;
  /** For the projector to pass what was published. Default 30,000 ms. */
  readonly outcomeDeadlineMs?: number;
  /** For open sends of the porter to close. Default 10,000 ms. */
  readonly waitForIntentsMs?: number;
}

export interface Importer {
  /**
   * Imports legacy ids by the five steps of the import protocol; one result per item, in their order. Repeatable: a second run over
   * the same rows publishes nothing.
   *
   * Throws retryable errors of what it needs (`LEGACY_UNAVAILABLE`, `IMPORT_PORTER_AWAY`, `POSTGRES_UNAVAILABLE`, `LOG_…`,
   * `IMPORT_LOG_BEHIND`, `IMPORT_PROJECTOR_BEHIND`): call it again with the same items.
   */
  importChunk(items: readonly ImportItem[]): Promise<readonly ImportResult[]>;
}

/** What the steps work with. */
export interface ImportTools extends Omit<ImporterOptions, 'pool'> {
  readonly observer: StateObserver;
  readonly givenUp: GivenUp;
}

/** An id on its way through the rounds, observed under `key`. */
export interface Work {
  /** As asked for, canonical. */
  readonly legacyId: string;
  readonly key: string;
  readonly row?: LegacyRow | undefined;
}

/** What a round makes of one piece of work: a result, or the same again, perhaps for another key. */
export type RoundResult =
  | { readonly type: 'done'; readonly result: ImportResult }
  | { readonly type: 'again'; readonly work: Work };
