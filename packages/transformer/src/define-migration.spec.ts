import { describe, expect, it } from '@jest/globals';
import { defineMigration, findEntity } from './define-migration.js';
import type { AnyEntity } from './entity.js';
import { derivedFrom } from './legacy-definition.js';
import { noteDefinition } from './testing/note.example.js';

/** An entity that shares nothing with the others but its form. */
function entity(name: string, refersTo: readonly string[] = [], identity = noteDefinition.legacy.identity): AnyEntity {
  return {
    ...noteDefinition,
    name,
    refersTo,
    commands: [],
    queries: [],
    projections: [],
    migrations: [],
    legacy: { ...noteDefinition.legacy, identity },
  };
}
const derived = derivedFrom(() => 'X');

describe('defineMigration', () => {
  it('lists entities that refer to each other in one direction', () => {
    const list = [entity('customer'), entity('product'), entity('order', ['customer', 'product'])];
    expect(defineMigration(list)).toBe(list);
  });

  it('refuses an entity twice, and with it its routes, tables and migrations', () => {
    expect(() => defineMigration([noteDefinition, noteDefinition])).toThrow(
      /entity note is there twice.*route POST \/v2\/notes.*table notes.*migration note-001/,
    );
  });

  it('refuses one path of legacy for two entities: nobody could say whose it is', () => {
    const routed = (name: string): AnyEntity => {
      const route = { name: 'remove', kind: 'write', method: 'DELETE', path: `/rows/:${name}` } as never;
      return { ...entity(name), legacy: { ...noteDefinition.legacy, routes: [route] } };
    };
    expect(() => defineMigration([routed('a'), routed('b')])).toThrow('legacy route DELETE /rows/:id is there twice');
  });

  it('refuses a reference to an entity that is not migrated', () => {
    expect(() => defineMigration([entity('order', ['customer'])])).toThrow(
      'refers to customer, which is not in the list',
    );
  });

  it('refuses a cycle of ids that legacy assigns, since each would wait for the other', () => {
    expect(() => defineMigration([entity('b', ['c']), entity('c', ['a']), entity('a', ['b'])])).toThrow(
      'ids that legacy assigns depend on each other: a -> b -> c -> a',
    );
  });

  it('says a cycle once', () => {
    const problems = () => defineMigration([entity('a', ['b']), entity('b', ['a'])]);
    expect(problems).toThrow(/: ids that legacy assigns depend on each other: a -> b -> a\.$/);
  });

  it('allows a cycle through an id that is known beforehand', () => {
    expect(() => defineMigration([entity('a', ['b']), entity('b', ['a'], derived)])).not.toThrow();
  });
});

describe('findEntity', () => {
  it('finds an entity by its name', () => {
    expect(findEntity([entity('a'), entity('b')], 'b').name).toBe('b');
  });

  it('names the entities there are when there is none of that name', () => {
    expect(() => findEntity([entity('a'), entity('b')], 'c')).toThrow(
      'No entity "c" is being migrated; there are a, b.',
    );
  });
});
