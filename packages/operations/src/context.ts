import { BanyanError } from '@banyan/core';
import type { LegacyReader } from '@banyan/legacy';
import type { Pool } from '@banyan/postgres';
import type { AnyEntity } from '@banyan/transformer';
import type { LogSides } from './records-behind.js';
import type { AppAddress } from './status.js';

/** What operations that look at both sides need. */
export interface BothSides extends LogSides {
  readonly entities: readonly AnyEntity[];
  /** Reads schema `v2`. */
  readonly v2: Pool;
  /** Reads an entity's rows from legacy. */
  readerOf(entity: AnyEntity): LegacyReader;
  /** The apps whose lag tells whether both sides may be compared. */
  readonly apps: readonly AppAddress[];
}

/** Throws `OPERATIONS_UNKNOWN_ENTITY` with the names there are. */
export function entityNamed(entities: readonly AnyEntity[], name: string): AnyEntity {
  const found = entities.find((entity) => entity.name === name);
  if (found !== undefined) return found;
  const names = entities.map((entity) => entity.name);
  throw new BanyanError('OPERATIONS_UNKNOWN_ENTITY', `No entity is called ${name}; there are ${names.join(', ')}.`, {
    data: { name, names },
  });
}

/** Those named, in the order in which they refer to each other; all when none is named. */
export function entitiesNamed(entities: readonly AnyEntity[], names: readonly string[]): readonly AnyEntity[] {
  const wanted = new Set(names.map((name) => entityNamed(entities, name)));
  return names.length === 0 ? entities : entities.filter((entity) => wanted.has(entity));
}
