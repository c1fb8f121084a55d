import type { EntityDefinition } from './entity.js';
import type { LegacyRow } from './legacy-row.js';
import type { PortDefinition } from './port.js';

/**
 * The port that identity, links, imports, adoption and round trips go by. Throws `TypeError` for an entity that `defineEntity` would
 * have refused.
 */
// biome-ignore lint/suspicious/noExplicitAny: variance; events take no part
export function primaryPortOf<S, R extends LegacyRow>(entity: EntityDefinition<S, any, R>): PortDefinition<S, R> {
  const port = entity.legacy.ports.find((one) => one.primary);
  if (port === undefined) throw new TypeError(`${entity.name} has no primary port.`);
  return port;
}
