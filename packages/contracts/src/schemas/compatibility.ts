import { compile } from '../avro.js';
import type { SchemaProblem } from './lint.js';
import type { ReleasedSchema } from './released.js';
import type { SchemaFile } from './schema-files.js';

/**
 * FULL_TRANSITIVE: today's schema reads what every released one wrote, and every released one reads what today's writes.
 * Where it fails: undo the change, or begin a new major version beside the old one.
 */
export function checkCompatibility(
  files: readonly SchemaFile[],
  released: readonly ReleasedSchema[],
): readonly SchemaProblem[] {
  const today = new Map(files.map((file) => [`${file.namespace}.${file.name}`, file]));
  return released.flatMap((old) => {
    const file = today.get(old.fullName);
    if (file === undefined) {
      return [
        {
          path: old.path,
          place: 'schema',
          problem: 'is released and has no .avsc any more; put it back, the log keeps such events for ever',
        },
      ];
    }
    return [
      ...cannotRead(file.schema, old.schema).map((why) => `cannot read what version ${old.version} wrote: ${why}`),
      ...cannotRead(old.schema, file.schema).map((why) => `cannot be read by version ${old.version}: ${why}`),
    ].map((what) => ({
      path: file.path,
      place: 'schema',
      problem: `${what}; fields are added nullable with default null and never removed unless they have a default, types and names stay; anything else begins a new major version`,
    }));
  });
}

function cannotRead(reader: object, writer: object): readonly string[] {
  try {
    compile(reader).createResolver(compile(writer));
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
