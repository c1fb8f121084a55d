import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compile } from '../avro.js';
import { frame, HEADER_BYTES } from '../wire-format.js';
import { type AvroType, isUnion, type RecordSchema } from './avro-schema.js';

/** Any id will do: what is read back is the bytes behind it. */
const SCHEMA_ID = 1;

/**
 * Records a value as this release of a schema writes it; what is recorded already stays as it is.
 * @param name `northwind.order.v1.OrderPlaced.1`
 * @returns the file's name, when it was written
 */
export function record(folder: string, name: string, schema: RecordSchema): string | undefined {
  const path = join(folder, `${name}.json`);
  if (existsSync(path)) return undefined;
  const data = sampleOf(schema, schema.name) as object;
  const header = Buffer.alloc(HEADER_BYTES);
  frame(header, 0, SCHEMA_ID);
  const bytes = Buffer.concat([header, compile(schema).toBuffer(data)]).toString('hex');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify({ data, bytes }, null, 2)}\n`);
  return `${name}.json`;
}

/** A value with everything in it that a schema has: no null where something could be, no empty list. */
function sampleOf(type: AvroType, name: string, named = new Map<string, AvroType>()): unknown {
  if (isUnion(type)) return sampleOf(type.find((branch) => branch !== 'null') ?? 'null', name, named);
  if (typeof type === 'string') {
    const known = named.get(type.slice(type.lastIndexOf('.') + 1));
    return known === undefined ? primitive(type, undefined, name) : sampleOf(known, name, named);
  }
  switch (type.type) {
    case 'record':
      named.set(type.name, type);
      return Object.fromEntries(type.fields.map((field) => [field.name, sampleOf(field.type, field.name, named)]));
    case 'enum':
      named.set(type.name, type);
      return type.symbols.at(-1);
    case 'array':
      return [sampleOf(type.items, name, named)];
    default:
      return primitive(type.type, type.logicalType, name);
  }
}

function primitive(type: string, logicalType: string | undefined, name: string): unknown {
  switch (type) {
    case 'string':
      return logicalType === 'uuid' ? '0196a5c2-7d3e-7a11-9c55-0a1b2c3d4e5f' : `${name} with ä and 🌳`;
    case 'boolean':
      return true;
    case 'int':
      return 32_767;
    case 'long':
      return logicalType === 'timestamp-millis' ? 1_772_600_767_089 : 4_294_967_296;
    case 'float':
    case 'double':
      return 2.5;
    case 'bytes':
      return Buffer.from([0, 255]);
    default:
      return null;
  }
}
