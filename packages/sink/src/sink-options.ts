import type { AnyEntity } from '@banyan/transformer';
import type { Apply } from './apply.js';
import type { Change } from './change.js';
import type { Decoder } from './decode.js';
import type { Word } from './repair-store.js';
import type { SinkStore } from './sink-store.js';

/** The part of an entity's definition that a sink runs. */
export type SinkEntity = Pick<AnyEntity, 'name' | 'version' | 'events' | 'evolve' | 'liveness' | 'restated'>;

export interface SinkOptions<Tx> {
  readonly store: SinkStore<Tx>;
  readonly entity: SinkEntity;
  readonly codec: Decoder;
  readonly apply: Apply<Tx>;
  /** Default: nothing is remembered. */
  readonly remember?: Remember<Tx>;
}

/**
 * Keeps what the change of a discarded effect tells all the same, and no state could tell again: which row of legacy an import read, and to whoever
 * waits for it that it was given up. As an `Apply`, but what cannot be kept goes with the effect.
 */
export type Remember<Tx> = (tx: Tx, changes: readonly Change[], word: Word) => Promise<void>;
