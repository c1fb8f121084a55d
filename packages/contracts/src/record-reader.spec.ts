import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compile } from './avro.js';
import { catalogue } from './catalogue.js';
import { compileRecordReader } from './record-reader.js';

const PART = {
  type: 'record',
  name: 'Part',
  namespace: 'a.b',
  fields: [
    { name: 'colour', type: { type: 'enum', name: 'Colour', symbols: ['red', 'blue'] } },
    { name: 'weight', type: 'int' },
  ],
};
const WRITER = {
  type: 'record',
  name: 'Thing',
  namespace: 'a.b',
  fields: [
    { name: 'gone', type: { type: 'array', items: PART } },
    { name: 'large', type: 'long' },
    { name: 'text', type: ['null', 'string'] },
    { name: 'was', type: 'string' },
    { name: 'small', type: 'int' },
    { name: 'real', type: 'double' },
    { name: 'yes', type: 'boolean' },
    { name: 'parts', type: { type: 'array', items: 'Part' } },
    { name: 'first', type: ['null', 'Part'] },
  ],
};
/** Without `gone`, with `since`; `was` may be null, `small` may be large, fields stand elsewhere. */
const READER = {
  ...WRITER,
  fields: [
    { name: 'since', type: ['null', 'string'], default: null },
    { name: 'small', type: 'long' },
    { name: 'was', type: ['null', 'string'], default: null },
    {
      name: 'parts',
      type: {
        type: 'array',
        items: { ...PART, fields: [...PART.fields, { name: 'note', type: ['null', 'string'], default: null }] },
      },
    },
    { name: 'first', type: ['null', 'Part'], default: null },
    ...WRITER.fields.filter(({ name }) => ['large', 'text', 'real', 'yes'].includes(name)),
  ],
};

const writer = compile(WRITER);
const reader = compile(READER);
const resolver = reader.createResolver(writer);
const read = compileRecordReader(reader, writer) ?? (() => undefined);

const part = fc.record({ colour: fc.constantFrom('red', 'blue'), weight: fc.integer() });
const text = fc.string({ unit: 'binary', maxLength: 100 });
const thing = fc.record({
  gone: fc.array(part, { maxLength: 3 }),
  large: fc.oneof(
    fc.integer(),
    fc.maxSafeInteger().map((n) => Math.trunc(n / 4)),
    fc.constantFrom(2 ** 28, -(2 ** 31)),
  ),
  text: fc.option(text),
  was: text,
  small: fc.integer(),
  real: fc.double(),
  yes: fc.boolean(),
  parts: fc.array(part, { maxLength: 3 }),
  first: fc.option(part),
});

const plain = (data: unknown): unknown => structuredClone(data);

describe('the reader of a schema', () => {
  it('reads what an earlier writer wrote as avsc does', () => {
    fc.assert(
      fc.property(thing, (data) => {
        const body = writer.toBuffer(data);
        const found = read(body);
        expect(found).toBeDefined();
        expect(plain(found)).toEqual(plain(reader.fromBuffer(body, resolver)));
      }),
      { numRuns: 500 },
    );
  });

  it('of damaged bytes is not sure, or says what avsc says', () => {
    const damage = fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255) }), { minLength: 1, maxLength: 4 });
    let unsure = 0;
    fc.assert(
      fc.property(thing, damage, fc.nat(8), fc.nat(3), (data, bytes, cut, more) => {
        const whole = writer.toBuffer(data);
        const body = Buffer.concat([whole.subarray(0, whole.length - cut), Buffer.alloc(more)]);
        for (const { at, byte } of bytes) if (body.length > 0) body[at % body.length] = byte;
        const found = read(body);
        if (found === undefined) unsure += 1;
        else expect(plain(found)).toEqual(plain(reader.fromBuffer(body, resolver)));
      }),
      { numRuns: 2_000 },
    );
    expect(unsure).toBeGreaterThan(100);
  });

  it('believes no count of items that the bytes cannot hold', () => {
    const lie = Buffer.from([0xfe, 0xff, 0xff, 0xff, 0x0f, 0, 0]);
    const begun = process.cpuUsage();
    expect(read(lie)).toBeUndefined();
    expect(process.cpuUsage(begun).user / 1_000).toBeLessThan(1_000);
  });

  it('is not sure of a number that a double does not hold', () => {
    const type = compile({ type: 'record', name: 'R', fields: [{ name: 'large', type: 'long' }] });
    const readLong = compileRecordReader(type, type) ?? (() => ({}));
    expect(readLong(type.toBuffer({ large: 2 ** 51 + 1 }))).toEqual({ large: 2 ** 51 + 1 });
    expect(readLong(Buffer.from([0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]))).toBeUndefined();
  });

  it('gives every message its own arrays and objects', () => {
    const data = { gone: [], large: 1, text: null, was: '', small: 1, real: 0, yes: true, parts: [], first: null };
    const body = writer.toBuffer(data);
    expect((read(body) as { parts: unknown }).parts).not.toBe((read(body) as { parts: unknown }).parts);
  });

  it('keeps texts when the buffer is used for something else', () => {
    const body = writer.toBuffer({
      ...{ gone: [], large: 1, text: 'something that is long enough', was: 'Münster', small: 1, real: 0, yes: true },
      ...{ parts: [], first: null },
    });
    const found = read(body);
    body.fill(0);
    expect(found).toMatchObject({ text: 'something that is long enough', was: 'Münster' });
  });

  it('there is one for every event type', () => {
    const without = [...catalogue.values()].filter(({ schema }) => {
      const type = compile(schema);
      return compileRecordReader(type, type) === undefined;
    });
    expect(without.map(({ name }) => name)).toEqual([]);
  });

  it.each<[string, object, object]>([
    ['bytes', [{ name: 'field', type: 'bytes' }], [{ name: 'field', type: 'bytes' }]],
    ['another union', [{ name: 'field', type: ['int', 'string'] }], [{ name: 'field', type: ['int', 'string'] }]],
    [
      'a default that is not null',
      [{ name: 'a', type: 'int' }],
      [
        { name: 'a', type: 'int' },
        { name: 'b', type: 'int', default: 3 },
      ],
    ],
    [
      'a symbol that the reader does not know',
      [{ name: 'c', type: { type: 'enum', name: 'C', symbols: ['x', 'y'] } }],
      [{ name: 'c', type: { type: 'enum', name: 'C', symbols: ['x'], default: 'x' } }],
    ],
    ['text that was bytes', [{ name: 'field', type: 'bytes' }], [{ name: 'field', type: 'string' }]],
  ])('there is none for %s', (_, written, today) => {
    const [from, to] = [written, today].map((fields) => compile({ type: 'record', name: 'R', fields }));
    if (from === undefined || to === undefined) throw new Error('two schemas');
    expect(compileRecordReader(to, from)).toBeUndefined();
  });
});
