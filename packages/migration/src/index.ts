import { type AnyEntity, defineMigration, findEntity } from '@banyan/transformer';
import { customer } from '@banyan/transformer-customer';
import { order } from '@banyan/transformer-order';
import { product } from '@banyan/transformer-product';

/** What is being migrated: one line per entity, and its package says everything about it. */
export const entities: readonly AnyEntity[] = defineMigration([
  customer, //
  product,
  order,
]);

/** Throws `TRANSFORMER_ENTITY_UNKNOWN` with the names there are. */
export function entityNamed(name: string): AnyEntity {
  return findEntity(entities, name);
}
