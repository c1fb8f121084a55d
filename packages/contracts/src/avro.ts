import avro, { type ForSchemaOptions, type Type } from 'avsc';

/** What avsc reads from; not part of its typings. */
interface Tap {
  readonly buf: Buffer;
  pos: number;
  readLong(): number;
}

interface AvscArrayType {
  readonly itemsType: { _read(tap: Tap): unknown; _skip(tap: Tap): void };
}

/**
 * avsc believes an array's item count: a damaged count of two billion in a message of twenty bytes keeps the process busy
 * for minutes, and every consumer with it. Each item takes at least a byte (the linter sees to it), so a count above the
 * bytes that are left is a lie.
 */
class BoundedArrayType extends (avro.types.ArrayType as unknown as new (
  schema: object,
  options: object,
) => AvscArrayType) {
  _read(tap: Tap): unknown[] {
    const items: unknown[] = [];
    for (let count = tap.readLong(); count !== 0; count = tap.readLong()) {
      if (count < 0) {
        count = -count;
        tap.readLong();
      }
      refuseLie(tap, count);
      while (count-- > 0) items.push(this.itemsType._read(tap));
    }
    return items;
  }

  _skip(tap: Tap): void {
    for (let count = tap.readLong(); count !== 0; count = tap.readLong()) {
      if (count < 0) {
        const size = tap.readLong();
        refuseLie(tap, size);
        tap.pos += size;
      } else {
        refuseLie(tap, count);
        while (count-- > 0) this.itemsType._skip(tap);
      }
    }
  }
}

function refuseLie(tap: Tap, count: number): void {
  const left = tap.buf.length - tap.pos;
  if (count < 0 || count > left) throw new Error(`an array claims ${count} items with ${Math.max(left, 0)} bytes left`);
}

/** Options for every schema that is compiled, ours and those of other writers. */
export const AVRO_OPTIONS: Partial<ForSchemaOptions> = {
  omitRecordMethods: true,
  typeHook: (schema, options) =>
    typeof schema === 'object' && schema !== null && 'type' in schema && schema.type === 'array'
      ? (new BoundedArrayType(schema, options) as unknown as Type)
      : undefined,
};

/** @throws whatever avsc finds wrong with the schema */
export function compile(schema: object): Type {
  return avro.Type.forSchema(schema as Parameters<typeof avro.Type.forSchema>[0], { ...AVRO_OPTIONS });
}
