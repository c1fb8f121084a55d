import type { Authority, KeyState } from '@banyan/core';
import { identifier, type Pool, query, readStates } from '@banyan/postgres';

/** Who may write, per partition of an entity. */
export type Authorities = ReadonlyMap<number, Authority>;

/** What an importer sees of V2: the projector's fold. It may lag; an import that was observed too early is refused and repeated. */
export interface StateObserver {
  authorities(entity: string): Promise<Authorities>;
  /** Keys that no event ever named are missing. */
  keyStates(entity: string, keys: readonly string[]): Promise<ReadonlyMap<string, KeyState>>;
}

/** Over the V2 store. Throws `POSTGRES_UNAVAILABLE` (retryable). */
export function observeStates(pool: Pool, schema = 'v2'): StateObserver {
  return {
    authorities: async (entity) => {
      const rows = await query<Authority & { partition: number }>(
        pool,
        `select partition, epoch, share, handback from ${identifier(schema)}.sink_offset where consumer = $1`,
        [entity],
      );
      return new Map(rows.map(({ partition, epoch, share, handback }) => [partition, { epoch, share, handback }]));
    },
    keyStates: async (entity, keys) => {
      const states = await readStates(pool, schema, entity, keys);
      return new Map([...states].map(([key, state]) => [key, state.keyState]));
    },
  };
}

/** The epoch that all partitions have reached; nothing is decided or imported in a later one. */
export function commonEpoch(authorities: Authorities): number {
  return authorities.size === 0 ? 0 : Math.min(...[...authorities.values()].map((authority) => authority.epoch));
}
