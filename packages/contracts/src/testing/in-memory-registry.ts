import type { Type } from 'avsc';
import { compile } from '../avro.js';
import { type Codec, codecOver } from '../codec.js';
import type { EventType } from '../event-type.js';
import type { Registry } from '../registry.js';

/** The twin of the registry for tests without one: ids from 1 in the order of registration. */
export function inMemoryRegistry(): Registry {
  const ids = new Map<string, number>();
  const schemas = new Map<number, Type>();
  return {
    idOf: async (type) => ids.get(JSON.stringify(type.schema)),
    schemaOf: async (id) => schemas.get(id),
    register: async (type) => {
      const text = JSON.stringify(type.schema);
      const id = ids.get(text) ?? ids.size + 1;
      ids.set(text, id);
      if (!schemas.has(id)) schemas.set(id, compile(type.schema));
      return id;
    },
  };
}

/** A codec without a registry, prepared: same bytes, ids from 1 in the order of `types`. */
export async function inMemoryCodec(types: readonly EventType[]): Promise<Codec> {
  const registry = inMemoryRegistry();
  for (const type of types) await registry.register(type);
  const codec = codecOver(registry, types);
  await codec.prepare();
  return codec;
}
