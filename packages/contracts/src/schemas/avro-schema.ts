/** The part of Avro's schema language that Banyan's contracts use; everything else is refused by the linter. */
export type AvroType = string | readonly AvroType[] | RecordSchema | EnumSchema | ArraySchema | PrimitiveSchema;

export interface RecordSchema {
  readonly type: 'record';
  readonly name: string;
  readonly namespace?: string;
  readonly doc?: string;
  readonly fields: readonly FieldSchema[];
}

export interface FieldSchema {
  readonly name: string;
  readonly doc?: string;
  readonly type: AvroType;
  readonly default?: unknown;
}

export interface EnumSchema {
  readonly type: 'enum';
  readonly name: string;
  readonly namespace?: string;
  readonly doc?: string;
  readonly symbols: readonly string[];
  readonly default?: string;
}

export interface ArraySchema {
  readonly type: 'array';
  readonly items: AvroType;
}

/** A primitive written as an object, so that it can carry a logical type. */
export interface PrimitiveSchema {
  readonly type: 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string';
  readonly logicalType?: string;
}

export function isUnion(type: AvroType): type is readonly AvroType[] {
  return Array.isArray(type);
}
