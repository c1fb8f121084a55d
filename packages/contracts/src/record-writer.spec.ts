import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compile } from './avro.js';
import { catalogue } from './catalogue.js';
import { assertValid } from './invalid-data.js';
import { compileRecordWriter } from './record-writer.js';

const SCHEMA = {
  type: 'record',
  name: 'Thing',
  fields: [
    { name: 'small', type: 'int' },
    { name: 'large', type: 'long' },
    { name: 'real', type: 'double' },
    { name: 'yes', type: 'boolean' },
    { name: 'text', type: ['null', 'string'] },
    { name: 'colour', type: { type: 'enum', name: 'Colour', symbols: ['unknown', 'red', 'blue'], default: 'unknown' } },
    {
      name: 'parts',
      type: { type: 'array', items: { type: 'record', name: 'Part', fields: [{ name: 'colour', type: 'Colour' }] } },
    },
    { name: 'first', type: ['null', 'Part'] },
  ],
};

const avro = compile(SCHEMA);
const write = compileRecordWriter(SCHEMA) ?? (() => -1);

const part = fc.record({ colour: fc.constantFrom('unknown', 'red', 'blue') });
const text = fc.string({ unit: 'binary', maxLength: 200 }).filter((one) => one.isWellFormed() && !one.includes('\0'));
const thing = fc.record({
  small: fc.oneof(fc.integer(), fc.constantFrom(-0, 2 ** 31 - 1, -(2 ** 31))),
  large: fc.oneof(
    fc.integer(),
    fc.maxSafeInteger().map((n) => Math.trunc(n / 2)),
    fc.constantFrom(2 ** 30, -(2 ** 30), 2 ** 52),
  ),
  real: fc.double(),
  yes: fc.boolean(),
  text: fc.option(text),
  colour: fc.constantFrom('unknown', 'red', 'blue'),
  parts: fc.array(part, { maxLength: 5 }),
  first: fc.option(part),
});

const good = {
  small: 1,
  large: 2,
  real: 0.5,
  yes: true,
  text: 'a',
  colour: 'red',
  parts: [{ colour: 'blue' }],
  first: null,
};

describe('the writer of a schema', () => {
  it('writes the bytes that avsc writes', () => {
    fc.assert(
      fc.property(thing, fc.nat(40), (data, at) => {
        const buffer = Buffer.alloc(4_096);
        const end = write(data, buffer, at);
        expect(buffer.subarray(at, end)).toEqual(avro.toBuffer(data));
      }),
      { numRuns: 500 },
    );
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a field that is not declared', { ...good, more: 1 }],
    ['a field that is missing', { ...good, small: undefined }],
    [
      'an undeclared field instead of a nullable one',
      { ...Object.fromEntries(Object.entries(good).slice(0, 7)), more: 1 },
    ],
    ['an undeclared field of a record within', { ...good, parts: [{ colour: 'red', more: 1 }] }],
    ['a fraction for an int', { ...good, small: 1.5 }],
    ['an int of 33 bits', { ...good, small: 2 ** 31 }],
    ['a number beyond 2^53', { ...good, large: 2 ** 53 }],
    ['no number', { ...good, large: Number.NaN }],
    ['text for a number', { ...good, real: '1' }],
    ['a number for a boolean', { ...good, yes: 1 }],
    ['a number for text', { ...good, text: 1 }],
    ['NUL in a short text', { ...good, text: 'a\0' }],
    ['NUL in a long text', { ...good, text: `${'a'.repeat(100)}\0` }],
    ['half of a surrogate pair', { ...good, text: '\ud800' }],
    ['an unknown symbol', { ...good, colour: 'green' }],
    ['an object for an array', { ...good, parts: {} }],
    ['an item that is null', { ...good, parts: [null] }],
  ])('is not sure of %s, and the slow way refuses it', (_, data) => {
    expect(write(data, Buffer.alloc(4_096), 0)).toBe(-1);
    expect(() => assertValid(avro, 'Thing', data)).toThrow('Thing cannot be written');
  });

  it('looks at each character of a short text, wherever it stands', () => {
    for (const length of [1, 4, 6, 7, 8, 63]) {
      for (let at = 0; at < length; at += 1) {
        const withOne = (character: string) => ({
          ...good,
          text: 'a'.repeat(at) + character + 'a'.repeat(length - at - 1),
        });
        expect(write(withOne('\0'), Buffer.alloc(4_096), 0)).toBe(-1);
        for (const character of ['\u0080', 'ü']) {
          const buffer = Buffer.alloc(4_096);
          const data = withOne(character);
          expect(buffer.subarray(0, write(data, buffer, 0))).toEqual(avro.toBuffer(data));
        }
      }
    }
  });

  it('leaves data without a nullable field to the slow way', () => {
    const schema = {
      type: 'record',
      name: 'Reason',
      fields: [{ name: 'reason', type: ['null', 'string'], default: null }],
    };
    expect(compileRecordWriter(schema)?.({}, Buffer.alloc(10), 0)).toBe(-1);
  });

  it('never says that it ended within a buffer that is too small', () => {
    const whole = avro.toBuffer(good).length;
    for (let size = 0; size < whole; size += 1) {
      const end = write(good, Buffer.alloc(size), 0);
      expect(end === -1 || end > size).toBe(true);
    }
  });

  it('there is one for every event type', () => {
    const without = [...catalogue.values()].filter(({ schema }) => compileRecordWriter(schema) === undefined);
    expect(without.map(({ name }) => name)).toEqual([]);
  });

  it.each([['bytes'], ['float'], [{ type: 'map', values: 'int' }], [['null', 'int', 'string']], [['int', 'null']]])(
    'there is none for a schema with %j',
    (type) => {
      expect(compileRecordWriter({ type: 'record', name: 'R', fields: [{ name: 'field', type }] })).toBeUndefined();
    },
  );
});
