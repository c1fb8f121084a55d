import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { BanyanError } from '@banyan/core';
import type { RecordSchema } from './avro-schema.js';
import { RELEASED, type SchemaFile } from './schema-files.js';

/** A schema as it was released; some record in a log may have been written with it. Never changed, never removed. */
export interface ReleasedSchema {
  /** Relative to the folder of schemas: `released/northwind/order/v1/OrderPlaced.2.avsc`. */
  readonly path: string;
  readonly fullName: string;
  /** Counted from 1 per event type. */
  readonly version: number;
  readonly schema: RecordSchema;
}

/** Every released schema, by name, then version. @throws `CONTRACTS_SCHEMA_BROKEN` */
export function readReleased(root: string): readonly ReleasedSchema[] {
  const folder = join(root, RELEASED);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.avsc'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .map((path) => readOne(root, path))
    .sort((a, b) => (a.fullName === b.fullName ? a.version - b.version : a.fullName < b.fullName ? -1 : 1));
}

function readOne(root: string, path: string): ReleasedSchema {
  const place = /^released\/(\w+)\/(\w+)\/(v\d+)\/(\w+)\.(\d+)\.avsc$/.exec(path);
  try {
    if (place === null) throw new Error('its place is not released/<domain>/<entity>/v<major>/<Event>.<number>.avsc');
    const [, domain, entity, major, name, version] = place;
    const schema = JSON.parse(readFileSync(join(root, path), 'utf8')) as RecordSchema;
    return { path, fullName: `${domain}.${entity}.${major}.${name}`, version: Number(version), schema };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BanyanError('CONTRACTS_SCHEMA_BROKEN', `${path}: ${reason}; take it back from version control.`, {
      data: { path, reason },
      cause,
    });
  }
}

/** Copies every schema that differs from its last release into the released set; answers the paths written. */
export function release(root: string, files: readonly SchemaFile[]): readonly string[] {
  const released = readReleased(root);
  return files.flatMap((file) => {
    const last = released.findLast((old) => old.fullName === `${file.namespace}.${file.name}`);
    if (last !== undefined && JSON.stringify(last.schema) === JSON.stringify(file.schema)) return [];
    const path = `${RELEASED}/${file.path.replace(/\.avsc$/, `.${(last?.version ?? 0) + 1}.avsc`)}`;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), readFileSync(join(root, file.path)));
    return [path];
  });
}
