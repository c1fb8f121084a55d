import type { AnyEntity } from '@banyan/transformer';
import type { Apply } from './apply.js';
import type { Decoder } from './decode.js';
import type { SinkStore } from './sink-store.js';

/** The part of an entity's definition that a sink runs. */
export type SinkEntity = Pick<AnyEntity, 'name' | 'version' | 'events' | 'evolve' | 'liveness' | 'restated'>;

export interface SinkOptions<Tx> {
  readonly store: SinkStore<Tx>;
  readonly entity: SinkEntity;
  readonly codec: Decoder;
  readonly apply: Apply<Tx>;
  /**
   * What the change of a discarded effect tells all the same, and no state could tell again: which row of legacy an import read. Default:
   * nothing.
   */
  readonly remember?: Apply<Tx>;
}
