import type { Pool } from '@banyan/postgres';
import type { AnyEntity } from '@banyan/transformer';
import type { Apply } from './apply.js';
import type { Decoder } from './decode.js';

/** The part of an entity's definition that a sink runs. */
export type SinkEntity = Pick<AnyEntity, 'name' | 'version' | 'events' | 'evolve'>;

export interface SinkOptions {
  readonly pool: Pool;
  /** `v2` or `porter`; its tables come from `sinkMigrations`. */
  readonly schema: string;
  /** Whose fold this is: `order` in `v2`, `order.backend` in `porter`. */
  readonly consumer: string;
  readonly entity: SinkEntity;
  readonly codec: Decoder;
  readonly apply: Apply;
}
