import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { BanyanError } from '@banyan/core';
import type { RecordSchema } from './avro-schema.js';

/** One `.avsc`: `<root>/<domain>/<entity>/v<major>/<Event>.avsc`. */
export interface SchemaFile {
  /** Relative to the folder of schemas, with slashes: `northwind/order/v1/OrderPlaced.avsc`. */
  readonly path: string;
  /** What the path says the namespace is: `northwind.order.v1`. */
  readonly namespace: string;
  /** What the path says the record's name is: `OrderPlaced`. */
  readonly name: string;
  readonly schema: RecordSchema;
}

/** Where released schemas lie below the folder of schemas. */
export const RELEASED = 'released';

/**
 * All `.avsc` below a folder, ordered by path; those under `released/` are left out.
 * @throws BanyanError `CONTRACTS_SCHEMA_BROKEN` naming every file that is not JSON or lies in the wrong place
 */
export function readSchemaFiles(root: string): readonly SchemaFile[] {
  const problems: string[] = [];
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.avsc'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !path.startsWith(`${RELEASED}/`))
    .sort()
    .flatMap((path) => {
      const place = /^(\w+)\/(\w+)\/(v\d+)\/(\w+)\.avsc$/.exec(path);
      if (place === null) {
        problems.push(`${path}: move it to <domain>/<entity>/v<major>/<Event>.avsc`);
        return [];
      }
      const [, domain, entity, major, name] = place as unknown as [string, string, string, string, string];
      try {
        const schema = JSON.parse(readFileSync(join(root, path), 'utf8')) as RecordSchema;
        return [{ path, namespace: `${domain}.${entity}.${major}`, name, schema }];
      } catch (cause) {
        problems.push(
          `${path}: not JSON (${cause instanceof Error ? cause.message : String(cause)}); mend the syntax there`,
        );
        return [];
      }
    });
  if (problems.length > 0) {
    throw new BanyanError('CONTRACTS_SCHEMA_BROKEN', `Schemas in ${root}:\n  ${problems.join('\n  ')}`, {
      data: { problems },
    });
  }
  return files;
}
