import { compile } from '../avro.js';
import type { SchemaFile } from './schema-files.js';

/** Something wrong with a schema, where, and what to do: `OrderPlaced.avsc, field lines.quantity: has no doc; …`. */
export interface SchemaProblem {
  readonly path: string;
  readonly place: string;
  readonly problem: string;
}

type Json = unknown;
type JsonObject = Readonly<Record<string, Json>>;

const PRIMITIVES = new Set(['boolean', 'int', 'long', 'float', 'double', 'bytes', 'string']);
const LOGICAL: Readonly<Record<string, string>> = { uuid: 'string', 'timestamp-millis': 'long' };
const KNOWN_TYPES = 'use a primitive, a record, an enum or an array of one';
const FIELD_NAME = /^[a-z][A-Za-z0-9]*$/;
const TYPE_NAME = /^[A-Z][A-Za-z0-9]*$/;

/** What Banyan asks of a schema beyond Avro: the rules of schemas/README.md. */
export function lint(file: SchemaFile): readonly SchemaProblem[] {
  const problems: SchemaProblem[] = [];
  const linter = new Linter((place, problem) => problems.push({ path: file.path, place, problem }));
  linter.event(file);
  if (problems.length === 0) {
    try {
      compile(file.schema);
    } catch (error) {
      problems.push({ path: file.path, place: 'schema', problem: `is not Avro: ${(error as Error).message}` });
    }
  }
  return problems;
}

class Linter {
  /** Records and enums that are complete so far: what a later field may refer to. */
  private readonly defined = new Set<string>();

  constructor(private readonly report: (place: string, problem: string) => void) {}

  event({ schema, namespace, name }: SchemaFile): void {
    const event: Json = schema;
    if (!isObject(event) || event.type !== 'record') {
      this.report('schema', 'is not a record; an event is one `{ "type": "record", … }`');
      return;
    }
    if (event.namespace !== namespace) {
      this.report(
        'schema',
        `has namespace ${show(event.namespace)}, its folder says ${show(namespace)}; make them equal`,
      );
    }
    if (event.name !== name) {
      this.report('schema', `has name ${show(event.name)}, its file says ${show(name)}; make them equal`);
    }
    this.record(event, 'schema', '', ['type', 'name', 'namespace', 'doc', 'fields']);
  }

  private record(record: JsonObject, place: string, prefix: string, keys: readonly string[]): void {
    this.named(record, place, keys);
    const fields = Array.isArray(record.fields) ? record.fields : [];
    // Also because items of an array of empty records take no bytes: no limit on a message's bytes would bound them.
    if (fields.length === 0) this.report(place, 'has no fields; give it one, e.g. a nullable reason');
    const names = new Set<string>();
    for (const [index, field] of fields.entries()) {
      const name = isObject(field) && typeof field.name === 'string' ? field.name : `[${index}]`;
      if (names.has(name)) this.report(`field ${prefix}${name}`, 'is there twice; remove one');
      names.add(name);
      this.field(field, `${prefix}${name}`);
    }
  }

  private field(field: Json, path: string): void {
    const place = `field ${path}`;
    if (!isObject(field)) {
      this.report(place, 'is not an object; write `{ "name", "doc", "type" }`');
      return;
    }
    this.keys(field, place, ['name', 'doc', 'type', 'default']);
    if (typeof field.name !== 'string' || !FIELD_NAME.test(field.name)) this.report(place, 'needs a name in camelCase');
    this.doc(field, place);
    if (Array.isArray(field.type)) this.nullable(field, field.type, place, path);
    else this.type(field.type, place, path);
  }

  private nullable(field: JsonObject, union: readonly Json[], place: string, path: string): void {
    if (union.length !== 2 || union[0] !== 'null') {
      this.report(
        place,
        'is a union other than ["null", X]; use a nullable field for each alternative, or another event',
      );
    }
    if (field.default !== null) {
      this.report(place, 'is nullable without `"default": null`; add it, old readers and writers need it');
    }
    for (const branch of union) if (branch !== 'null') this.type(branch, place, path);
  }

  private type(type: Json, place: string, path: string): void {
    if (typeof type === 'string') {
      this.reference(type, place);
    } else if (!isObject(type)) {
      this.report(place, `has type ${show(type)}; ${KNOWN_TYPES}`);
    } else if (type.type === 'record') {
      this.record(type, place, `${path}.`, ['type', 'name', 'doc', 'fields']);
      this.define(type);
    } else if (type.type === 'enum') {
      this.enum(type, place);
      this.define(type);
    } else if (type.type === 'array') {
      this.keys(type, place, ['type', 'items']);
      this.type(type.items, place, path);
    } else {
      this.annotated(type, place);
    }
  }

  private reference(name: string, place: string): void {
    if (PRIMITIVES.has(name) || this.defined.has(name)) return;
    this.report(place, `refers to ${show(name)}, which this file does not define before; each .avsc stands by itself`);
  }

  private annotated(type: JsonObject, place: string): void {
    this.keys(type, place, ['type', 'logicalType']);
    const logical = type.logicalType;
    if (typeof type.type !== 'string' || !PRIMITIVES.has(type.type)) {
      this.report(place, `has type ${show(type.type)}; ${KNOWN_TYPES}`);
    } else if (logical !== undefined && (typeof logical !== 'string' || LOGICAL[logical] !== type.type)) {
      this.report(
        place,
        `has logical type ${show(logical)} of ${type.type}; known are uuid of string, timestamp-millis of long`,
      );
    }
  }

  private enum(type: JsonObject, place: string): void {
    this.named(type, place, ['type', 'name', 'doc', 'symbols', 'default']);
    const symbols = Array.isArray(type.symbols) ? type.symbols : [];
    if (!symbols.includes(type.default)) {
      this.report(
        place,
        'is an enum without a default symbol; add `"default"`, so that old readers survive a new symbol',
      );
    }
  }

  private named(type: JsonObject, place: string, keys: readonly string[]): void {
    this.keys(type, place, keys);
    if (typeof type.name !== 'string' || !TYPE_NAME.test(type.name))
      this.report(place, 'needs a type name in PascalCase');
    this.doc(type, place);
  }

  private define(type: JsonObject): void {
    if (typeof type.name === 'string') this.defined.add(type.name);
  }

  private doc(of: JsonObject, place: string): void {
    if (typeof of.doc !== 'string' || of.doc.trim() === '')
      this.report(place, 'has no doc; say what it means, units included');
  }

  private keys(of: JsonObject, place: string, known: readonly string[]): void {
    const unknown = Object.keys(of).filter((key) => !known.includes(key));
    if (unknown.length > 0) this.report(place, `has ${unknown.map(show).join(', ')}; known are ${known.join(', ')}`);
  }
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: Json): string {
  return JSON.stringify(value) ?? 'nothing';
}
