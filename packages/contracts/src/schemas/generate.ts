import { type AvroType, type EnumSchema, isUnion, type RecordSchema } from './avro-schema.js';
import type { SchemaProblem } from './lint.js';
import type { SchemaFile } from './schema-files.js';

const HEADER = '// Made from schemas/ by `npm run schemas:generate`; not edited by hand.\n';

/** The TypeScript of well-formed schemas: file name -> text. One per namespace, and the list of all event types. */
export function generate(files: readonly SchemaFile[]): ReadonlyMap<string, string> {
  const namespaces = Map.groupBy(files, (file) => file.namespace);
  const generated = new Map<string, string>();
  for (const [namespace, members] of namespaces) generated.set(`${namespace}.ts`, topicFile(members));
  generated.set('all-event-types.ts', listFile(namespaces));
  return generated;
}

function topicFile(files: readonly SchemaFile[]): string {
  const nested = new Map(files.flatMap((file) => [...nestedIn(file)]));
  const nestedSource = [...nested.values()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((schema) => (schema.type === 'record' ? interfaceSource(schema.name, schema) : enumSource(schema)));
  return [
    `${HEADER}import type { DomainEvent, EventType } from '../event-type.js';\n`,
    ...nestedSource,
    ...files.map(eventSource),
    `/** Every event of this topic. */\nexport type ${unionName(files)} =\n${files.map((f) => `  | ${f.name}`).join('\n')};\n`,
  ].join('\n');
}

/** `northwind.order.v1` -> `OrderEvent`. */
function unionName(files: readonly SchemaFile[]): string {
  const entity = files[0]?.namespace.split('.')[1] ?? '';
  return `${entity.replace(/(^|_)(\w)/g, (_, __, letter: string) => letter.toUpperCase())}Event`;
}

function eventSource({ name, namespace, schema }: SchemaFile): string {
  const fullName = `'${namespace}.${name}'`;
  return [
    interfaceSource(`${name}Data`, schema),
    docSource(schema.doc),
    `export const ${name}: EventType<${name}Data> & { readonly name: ${fullName} } = {`,
    `  name: ${fullName},`,
    `  schema: ${JSON.stringify(schema, null, 2).replaceAll('\n', '\n  ')},`,
    '};',
    `export type ${name} = DomainEvent<${fullName}, ${name}Data>;`,
    '',
  ].join('\n');
}

function interfaceSource(name: string, schema: RecordSchema): string {
  const fields = schema.fields.map(
    (field) => `${docSource(field.doc, '  ')}\n  readonly ${field.name}: ${typeOf(field.type)};`,
  );
  return [docSource(schema.doc), `export interface ${name} {`, ...fields, '}', ''].join('\n');
}

function enumSource(schema: EnumSchema): string {
  const symbols = schema.symbols.map((symbol) => `'${symbol}'`).join(' | ');
  return `${docSource(schema.doc)}\nexport type ${schema.name} = ${symbols};\n`;
}

function docSource(doc: string | undefined, indent = ''): string {
  return `${indent}/** ${(doc ?? '').replaceAll('*/', '* /')} */`;
}

const PRIMITIVES: Readonly<Record<string, string>> = {
  null: 'null',
  boolean: 'boolean',
  int: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
  string: 'string',
  bytes: 'Buffer',
};

function typeOf(type: AvroType): string {
  if (typeof type === 'string') return PRIMITIVES[type] ?? lastPart(type);
  // Avro wants null first where the default is null; TypeScript reads better with it last.
  if (isUnion(type)) return [...type].reverse().map(typeOf).join(' | ');
  if (type.type === 'array') return `readonly ${wrapped(type.items)}[]`;
  if (type.type === 'record' || type.type === 'enum') return type.name;
  return PRIMITIVES[type.type] ?? type.type;
}

function wrapped(type: AvroType): string {
  return isUnion(type) ? `(${typeOf(type)})` : typeOf(type);
}

function lastPart(fullName: string): string {
  return fullName.slice(fullName.lastIndexOf('.') + 1);
}

/** Every record and enum that a schema nests. */
function nestedIn({ schema }: SchemaFile): ReadonlyMap<string, RecordSchema | EnumSchema> {
  const nested = new Map<string, RecordSchema | EnumSchema>();
  const visit = (type: AvroType): void => {
    if (typeof type === 'string') return;
    if (isUnion(type)) {
      for (const branch of type) visit(branch);
    } else if (type.type === 'array') {
      visit(type.items);
    } else if (type.type === 'record' || type.type === 'enum') {
      if (type.type === 'record') for (const field of type.fields) visit(field.type);
      nested.set(type.name, type);
    }
  };
  for (const field of schema.fields) visit(field.type);
  return nested;
}

/**
 * Names that stand for two things within a topic. A nested record is written into every event that uses it, since each
 * `.avsc` stands by itself; the copies must be equal, for code sees one type.
 */
export function namesTwice(files: readonly SchemaFile[]): readonly SchemaProblem[] {
  return [...Map.groupBy(files, (file) => file.namespace).values()].flatMap((members) => {
    const reserved = new Set(['DomainEvent', 'EventType', unionName(members)]);
    for (const { name } of members) reserved.add(name).add(`${name}Data`);
    const first = new Map<string, { text: string; path: string }>();
    return members.flatMap((file) =>
      [...nestedIn(file)].flatMap(([name, schema]) => {
        const place = `type ${name}`;
        if (reserved.has(name))
          return [{ path: file.path, place, problem: 'has the name of generated code; choose another' }];
        const text = JSON.stringify(byReference(schema));
        const known = first.get(name);
        if (known === undefined) first.set(name, { text, path: file.path });
        if (known === undefined || known.text === text) return [];
        return [
          { path: file.path, place, problem: `differs from the one in ${known.path}; make them equal, or rename one` },
        ];
      }),
    );
  });
}

/** The schema with everything it nests replaced by its name. */
function byReference<T extends RecordSchema | EnumSchema>(schema: T): T {
  const replace = (type: AvroType): AvroType => {
    if (typeof type === 'string') return lastPart(type);
    if (isUnion(type)) return type.map(replace);
    if (type.type === 'array') return { ...type, items: replace(type.items) };
    return type.type === 'record' || type.type === 'enum' ? type.name : type;
  };
  if (schema.type === 'enum') return schema;
  return { ...schema, fields: schema.fields.map((field) => ({ ...field, type: replace(field.type) })) };
}

function listFile(namespaces: ReadonlyMap<string, readonly SchemaFile[]>): string {
  const names = [...namespaces.keys()];
  const imports = names.map((namespace) => `import * as ${alias(namespace)} from './${namespace}.js';`);
  const entries = [...namespaces].flatMap(([namespace, files]) => files.map((f) => `  ${alias(namespace)}.${f.name},`));
  return [
    `${HEADER}import type { EventType } from '../event-type.js';`,
    ...imports,
    '',
    '/** Every event type there is a schema for. */',
    'export const allEventTypes: readonly EventType[] = [',
    ...entries,
    '];',
    '',
  ].join('\n');
}

/** `northwind.order.v1` -> `northwindOrderV1` */
function alias(namespace: string): string {
  return namespace.replace(/[._](\w)/g, (_, letter: string) => letter.toUpperCase());
}
