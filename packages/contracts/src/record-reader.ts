import type { Type } from 'avsc';

/**
 * Reads a whole body of a writer's schema as the reader's record; undefined where it is not sure: bytes that are too few, too many or
 * none that this writer wrote. Then avsc has the say, which names what is wrong.
 */
export type RecordReader = (body: Buffer) => object | undefined;

/**
 * Makes a program of two schemas that reads one as the other. avsc asks the runtime for every text by itself, which takes most of its
 * time; here the whole body becomes one text, and what is plain ASCII is cut out of it. Undefined for what events of ours do not have
 * (bytes, floats, maps, other unions), and for a pair that is not resolved by names, nullable fields and wider numbers alone.
 */
export function compileRecordReader(reader: Type, writer: Type): RecordReader | undefined {
  const [from, to] = [schemaOf(writer), schemaOf(reader)];
  const program = new Program(namesIn(from), namesIn(to));
  const main = program.reading(from, to, program.today);
  return main === undefined ? undefined : program.compile(main);
}

/** As avsc tells it: every name with its name space, defined where it is first used. */
function schemaOf(type: Type): unknown {
  return type.schema({ exportAttrs: true });
}

interface Field {
  readonly name: string;
  readonly type: unknown;
  readonly default?: unknown;
}

interface Named {
  readonly type: string;
  readonly name: string;
  readonly fields?: readonly Field[];
  readonly symbols?: readonly string[];
}

/** The text of a function per record, and what they use. */
class Program {
  /** As what the writer's records are read. */
  readonly today: Side;
  /** A field that only the writer knows is read as the writer's own, and forgotten. */
  private readonly forgotten: Side;
  private readonly functions: string[] = [];
  private readonly symbols: (readonly string[])[] = [];

  constructor(
    private readonly names: Names,
    readerNames: Names,
  ) {
    this.today = { names: readerNames, records: new Map() };
    this.forgotten = { names, records: new Map() };
  }

  /** An expression that reads the writer's type as another; undefined = it is not known here how. */
  reading(writerSchema: unknown, readerSchema: unknown, side: Side): string | undefined {
    const writer = resolved(writerSchema, this.names);
    const reader = resolved(readerSchema, side.names);
    if (Array.isArray(writer)) {
      const [inner, other] = [innerOf(writer), Array.isArray(reader) ? innerOf(reader) : undefined];
      const read = inner === undefined || other === undefined ? undefined : this.reading(inner, other, side);
      return read && `(isNull() ? null : ${read})`;
    }
    if (Array.isArray(reader)) {
      const inner = innerOf(reader);
      return inner === undefined ? undefined : this.reading(writer, inner, side);
    }
    if (typeof writer !== 'object' || typeof reader !== 'object') {
      const [from, to] = [primitiveOf(writer), primitiveOf(reader)];
      return from === to || WIDER.has(`${from} ${to}`) ? PRIMITIVES[from] : undefined;
    }
    return this.compound(writer as Named, reader as Named, side);
  }

  compile(main: string): RecordReader {
    const text = `
      let b, p, end, from, ascii;
      ${HELPERS}
      ${this.functions.join('\n')}
      return (body) => {
        b = body; p = 0; end = body.length; ascii = undefined;
        try {
          const read = ${main};
          return p === end ? read : undefined;
        } catch (error) {
          if (error === unsure) return undefined;
          throw error;
        } finally {
          b = undefined; ascii = undefined;
        }
      };`;
    return new Function('unsure', 'symbols', text)(UNSURE, this.symbols) as RecordReader;
  }

  private compound(writer: Named, reader: Named, side: Side): string | undefined {
    if (writer.type !== reader.type) {
      // A primitive with attributes beside one without.
      const [from, to] = [primitiveOf(writer), primitiveOf(reader)];
      return WIDER.has(`${from} ${to}`) ? PRIMITIVES[from] : undefined;
    }
    if (writer.type === 'array') {
      const [from, to] = [writer, reader].map((one) => (one as { readonly items?: unknown }).items);
      const item = this.reading(from, to, side);
      return item && `array(() => ${item})`;
    }
    if (writer.type === 'record') return this.record(writer, reader, side);
    if (writer.type === 'enum') return this.enumeration(writer, reader);
    return PRIMITIVES[writer.type];
  }

  private record(writer: Named, reader: Named, side: Side): string | undefined {
    if (writer.name !== reader.name) return undefined;
    const known = side.records.get(writer.name);
    if (known !== undefined) return known;
    const call = `record${this.today.records.size + this.forgotten.records.size}()`;
    side.records.set(writer.name, call);
    const ofReader = new Map(reader.fields?.map((field) => [field.name, field]));
    const reads = (writer.fields ?? []).map(({ name, type }, index) => {
      const wanted = ofReader.get(name);
      const read =
        wanted === undefined ? this.reading(type, type, this.forgotten) : this.reading(type, wanted.type, side);
      return read && `const v${index} = ${read};`;
    });
    const places = new Map(writer.fields?.map(({ name }, index) => [name, index]));
    const made = (reader.fields ?? []).map((field) => {
      const place = places.get(field.name);
      if (!FIELD.test(field.name)) return undefined;
      if (place !== undefined) return `${field.name}: v${place}`;
      // What the writer did not know: only "nothing" is the same for every message without being made anew.
      return field.default === null ? `${field.name}: null` : undefined;
    });
    if (reads.includes(undefined) || made.includes(undefined)) return undefined;
    this.functions.push(`function ${call} { ${reads.join('\n')} return { ${made.join(', ')} }; }`);
    return call;
  }

  private enumeration(writer: Named, reader: Named): string | undefined {
    const { symbols = [] } = writer;
    // A symbol that the reader does not know has a default there: avsc's to say.
    if (writer.name !== reader.name || !symbols.every((symbol) => reader.symbols?.includes(symbol))) return undefined;
    const place = this.symbols.push(symbols) - 1;
    return `symbol(symbols[${place}])`;
  }
}

type Names = ReadonlyMap<string, Named>;

interface Side {
  readonly names: Names;
  /** By name: the call of the function that reads it. */
  readonly records: Map<string, string>;
}

/** Every record and enum that is defined somewhere in a schema. */
function namesIn(schema: unknown, names = new Map<string, Named>()): Names {
  if (Array.isArray(schema)) for (const branch of schema) namesIn(branch, names);
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return names;
  const { name, fields, items, type } = schema as Partial<Named> & { readonly items?: unknown };
  if (name !== undefined && (type === 'record' || type === 'enum')) names.set(name, schema as Named);
  for (const field of fields ?? []) namesIn(field.type, names);
  namesIn(items, names);
  return names;
}

function resolved(schema: unknown, names: Names): unknown {
  return typeof schema === 'string' ? (names.get(schema) ?? schema) : schema;
}

/** What a nullable type is when it is not null; undefined = another union. */
function innerOf([first, second, ...more]: readonly unknown[]): unknown {
  return first === 'null' && more.length === 0 ? second : undefined;
}

function primitiveOf(schema: unknown): string {
  return typeof schema === 'object' && schema !== null && 'type' in schema ? String(schema.type) : String(schema);
}

const FIELD = /^(?!__proto__$)[A-Za-z_][A-Za-z0-9_]*$/;
const WIDER = new Set(['int long', 'int double', 'long double']);
const PRIMITIVES: Readonly<Record<string, string>> = {
  boolean: 'boolean()',
  int: 'whole()',
  long: 'whole()',
  double: 'double()',
  string: 'text()',
};

const UNSURE = Symbol('unsure');

/**
 * They read at `p`. Behind the end of the buffer there is nothing, which reads as 0: so nothing goes on for ever, and the end tells that it
 * was passed.
 */
const HELPERS = `
  function whole() {
    let byte = b[p++];
    let bits = byte & 0x7f;
    if (byte & 0x80) {
      bits |= ((byte = b[p++]) & 0x7f) << 7;
      if (byte & 0x80) {
        bits |= ((byte = b[p++]) & 0x7f) << 14;
        if (byte & 0x80) {
          bits |= ((byte = b[p++]) & 0x7f) << 21;
          if (byte & 0x80) return long(bits);
        }
      }
    }
    return (bits >>> 1) ^ -(bits & 1);
  }
  function long(lowest) {
    let zigzag = lowest;
    let byte;
    let weight = 0x10000000;
    do {
      byte = b[p++];
      zigzag += (byte & 0x7f) * weight;
      weight *= 0x80;
    } while (byte & 0x80);
    if (zigzag > 0x1fffffffffffff) throw unsure;
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
  }
  function text() {
    const length = whole();
    if (length < 0 || length > end - p) throw unsure;
    const start = p;
    p += length;
    for (let i = start; i < p; i++) if (b[i] > 0x7f) return b.toString('utf8', start, p);
    if (ascii === undefined) { from = start; ascii = b.toString('latin1', start, end); }
    return ascii.slice(start - from, p - from);
  }
  function boolean() {
    const byte = b[p++];
    if (byte > 1) throw unsure;
    return byte === 1;
  }
  function double() {
    if (end - p < 8) throw unsure;
    p += 8;
    return b.readDoubleLE(p - 8);
  }
  function isNull() {
    const byte = b[p++];
    if (byte === 0) return true;
    if (byte !== 2) throw unsure;
    return false;
  }
  function symbol(symbols) {
    const found = symbols[whole()];
    if (found === undefined) throw unsure;
    return found;
  }
  function array(item) {
    const items = [];
    for (let count = whole(); count !== 0; count = whole()) {
      if (count < 0) { count = -count; whole(); }
      // Each item takes a byte at least: more of them than bytes is a lie.
      if (count > end - p) throw unsure;
      while (count-- > 0) items.push(item());
    }
    return items;
  }
`;
