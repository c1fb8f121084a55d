import { BanyanError } from '@banyan/core';
import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compile } from './avro.js';
import { type Codec, codecOver } from './codec.js';
import type { EventType } from './event-type.js';
import { OrderCancelled, OrderPlaced, type OrderPlacedData } from './generated/northwind.order.v1.js';
import type { Registry } from './registry.js';
import { inMemoryCodec, inMemoryRegistry } from './testing/in-memory-registry.js';
import { MAX_MESSAGE_BYTES } from './wire-format.js';

const placed: OrderPlacedData = {
  placedAt: 1_735_689_600_123,
  customerId: '19a133c7-9ecb-5fef-82f6-518a85de044b',
  employeeId: 5,
  orderedOn: '1996-07-04',
  requiredOn: null,
  shippedOn: null,
  shipperId: null,
  freight: { cents: 3238, currency: 'USD' },
  shipTo: {
    name: 'Toms Spezialitäten',
    street: null,
    city: 'Münster',
    region: null,
    postalCode: '44087',
    country: null,
  },
  poNumber: null,
  lines: [
    {
      productId: '6683d1f7-d844-5405-9290-d1ab2340ed11',
      unitPrice: { cents: 1400, currency: 'USD' },
      quantity: 12,
      discountBasisPoints: 1500,
    },
  ],
};

const codeOf = async (act: () => unknown): Promise<string> => {
  try {
    await act();
  } catch (error) {
    return error instanceof BanyanError ? `${error.code}${error.retryable ? ' retryable' : ''}` : String(error);
  }
  return 'no error';
};

describe('codec', () => {
  let codec: Codec;
  beforeAll(async () => {
    codec = await inMemoryCodec([OrderPlaced, OrderCancelled]);
  });

  it('reads what it wrote', async () => {
    const value = codec.encode(OrderPlaced.name, placed);
    expect([...value.subarray(0, 5)]).toEqual([0, 0, 0, 0, 1]);
    expect(await codec.decode(OrderPlaced.name, value)).toEqual(placed);
  });

  it('reads any data it wrote, and never writes over an earlier message', async () => {
    const reason = fc.option(fc.string({ unit: 'grapheme', maxLength: 3_000 }).filter((text) => !text.includes('\0')));
    await fc.assert(
      fc.asyncProperty(fc.array(reason, { maxLength: 40 }), async (reasons) => {
        const values = reasons.map((text) => codec.encode(OrderCancelled.name, { reason: text }));
        const read = await Promise.all(values.map((value) => codec.decode(OrderCancelled.name, value)));
        expect(read).toEqual(reasons.map((text) => ({ reason: text })));
      }),
      { numRuns: 60 },
    );
  });

  it('takes a nullable field that is left out for null', async () => {
    expect(await codec.decode(OrderCancelled.name, codec.encode(OrderCancelled.name, {}))).toEqual({ reason: null });
  });

  it('names every fault with its path', () => {
    const { poNumber: _, ...rest } = placed;
    const bad = {
      ...rest,
      foo: 1,
      placedAt: '2025',
      freight: { cents: 1.5, currency: 'USD', tax: 1 },
      lines: [{ ...placed.lines[0], quantity: '3', colour: 'red' }, { productId: 'x' }],
    };
    const faults = (() => {
      try {
        codec.encode(OrderPlaced.name, bad);
      } catch (error) {
        return (error as BanyanError).data.faults as { path: string; problem: string }[];
      }
      return [];
    })();
    expect(faults.map(({ path }) => path).sort()).toEqual([
      'foo',
      'freight.cents',
      'freight.tax',
      'lines.0.colour',
      'lines.0.quantity',
      'lines.1.discountBasisPoints',
      'lines.1.quantity',
      'lines.1.unitPrice',
      'placedAt',
    ]);
    expect(faults).toContainEqual({ path: 'lines.0.quantity', problem: '"3" is no int' });
    expect(faults).toContainEqual({ path: 'foo', problem: 'is not a field of the schema' });
  });

  it.each([
    ['a whole number beyond 2^53', { ...placed, placedAt: 2 ** 53 }, 'placedAt'],
    ['a NUL in text', { ...placed, poNumber: 'a\0b' }, 'poNumber'],
    ['half of a surrogate pair', { ...placed, poNumber: '\ud800' }, 'poNumber'],
    ['nothing', undefined, '(data)'],
    ['null', null, '(data)'],
  ])('refuses %s', async (_, data, path) => {
    expect(await codeOf(() => codec.encode(OrderPlaced.name, data))).toBe('CONTRACTS_INVALID_DATA');
    expect(() => codec.encode(OrderPlaced.name, data)).toThrow(path);
  });

  it('refuses a message above the limit, and goes on', async () => {
    const text = 'x'.repeat(MAX_MESSAGE_BYTES);
    expect(await codeOf(() => codec.encode(OrderCancelled.name, { reason: text }))).toBe('CONTRACTS_MESSAGE_TOO_LARGE');
    const large = codec.encode(OrderCancelled.name, { reason: text.slice(20) });
    expect(large.length).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
    expect(await codec.decode(OrderCancelled.name, large)).toEqual({ reason: text.slice(20) });
  });

  it('refuses to write before it knows the ids, and types it was not given', async () => {
    const fresh = codecOver(inMemoryRegistry(), [OrderPlaced]);
    expect(await codeOf(() => fresh.encode(OrderPlaced.name, placed))).toBe('CONTRACTS_NOT_PREPARED');
    expect(await codeOf(() => codec.encode('northwind.order.v1.OrderLost', {}))).toBe('CONTRACTS_UNKNOWN_TYPE');
  });

  it('names every type that is not registered, and the command that registers', async () => {
    const fresh = codecOver(inMemoryRegistry(), [OrderPlaced, OrderCancelled]);
    expect(await codeOf(() => fresh.prepare())).toBe('CONTRACTS_SCHEMA_UNREGISTERED');
    await expect(fresh.prepare()).rejects.toThrow(/OrderPlaced.*OrderCancelled.*schemas:register/);
  });

  describe('poison', () => {
    const good = (): Buffer => Buffer.from(codec.encode(OrderPlaced.name, placed));
    const withId = (id: number): Buffer => {
      const value = good();
      value.writeInt32BE(id, 1);
      return value;
    };
    it.each<[string, () => Buffer | null]>([
      ['no value', () => null],
      ['an empty value', () => Buffer.alloc(0)],
      ['a value too short for a header', () => good().subarray(0, 4)],
      ['another first byte', () => Buffer.concat([Buffer.from([1]), good().subarray(1)])],
      ['JSON', () => Buffer.from('{"orderId":1}')],
      ['an id that the registry does not know', () => withId(999)],
      ['a negative id', () => withId(-1)],
      ['the schema of another type', () => withId(2)],
      ['only a header', () => good().subarray(0, 5)],
      ['cut off', () => good().subarray(0, -1)],
      ['cut off in the middle', () => good().subarray(0, 40)],
      ['bytes left over', () => Buffer.concat([good(), Buffer.from([0])])],
      ['more than the limit', () => Buffer.concat([good(), Buffer.alloc(MAX_MESSAGE_BYTES)])],
    ])('is %s', async (_, value) => {
      expect(await codeOf(() => codec.decode(OrderPlaced.name, value()))).toBe('CONTRACTS_UNDECODABLE');
    });

    it('is a type that this app does not know', async () => {
      expect(await codeOf(() => codec.decode('northwind.order.v1.OrderLost', good()))).toBe('CONTRACTS_UNKNOWN_TYPE');
    });

    it('is any damage: decoding answers or calls it poison, at once', async () => {
      await fc.assert(
        fc.asyncProperty(fc.nat(200), fc.integer({ min: 0, max: 255 }), fc.nat(200), async (at, byte, cut) => {
          const value = good();
          value[5 + (at % (value.length - 5))] = byte;
          expect(['no error', 'CONTRACTS_UNDECODABLE']).toContain(
            await codeOf(() => codec.decode(OrderPlaced.name, value.subarray(0, Math.max(5, value.length - cut)))),
          );
        }),
        { numRuns: 300 },
      );
    });

    it('is a count of two billion items in a few bytes, also in an array that today’s schema skips', async () => {
      const array = { type: 'array', items: 'string' };
      const writer = named([
        { name: 'old', type: array },
        { name: 'tags', type: array },
      ]);
      const reader = named([{ name: 'tags', type: array }]);
      const list = codecOver(fixed(writer), [reader]);
      const count = Buffer.from([0, 0, 0, 0, 1, 0xfe, 0xff, 0xff, 0xff, 0x0f]);
      const none = Buffer.from([0]);
      const began = process.cpuUsage();
      expect(await codeOf(() => list.decode(reader.name, Buffer.concat([count, none, none])))).toBe(
        'CONTRACTS_UNDECODABLE',
      );
      const second = Buffer.concat([count.subarray(0, 5), none, count.subarray(5), none]);
      expect(await codeOf(() => list.decode(reader.name, second))).toBe('CONTRACTS_UNDECODABLE');
      // A block whose size is negative would move the reader back, for ever.
      const back = Buffer.from([0, 0, 0, 0, 1, 0x01, 0x03, 0x00, 0x00]);
      expect(await codeOf(() => list.decode(reader.name, back))).toBe('CONTRACTS_UNDECODABLE');
      // Its own work alone: a busy machine is no fault of the reader.
      expect(process.cpuUsage(began).user / 1_000).toBeLessThan(1_000);
    });
  });

  it('reads arrays written in several blocks, with and without sizes', async () => {
    const type = named([{ name: 'tags', type: { type: 'array', items: 'string' } }]);
    const list = codecOver(fixed(type), [type]);
    // One block of one item; one of two, as -2 with its size of 4 bytes; end.
    const value = Buffer.from([0, 0, 0, 0, 1, 0x02, 0x02, 0x61, 0x03, 0x08, 0x02, 0x62, 0x02, 0x63, 0x00]);
    expect(await list.decode(type.name, value)).toEqual({ tags: ['a', 'b', 'c'] });
  });

  describe('across versions', () => {
    it('gives a field that the writer did not know its default, and leaves out what it does not know itself', async () => {
      const older = named([{ name: 'a', type: 'string' }]);
      const newer = named([
        { name: 'a', type: 'string' },
        { name: 'b', type: ['null', 'int'], default: null },
      ]);
      const written = await written1(older, { a: 'x' });
      expect(await codecOver(fixed(older), [newer]).decode(newer.name, written)).toEqual({ a: 'x', b: null });
      const future = await written1(newer, { a: 'x', b: 1 });
      expect(await codecOver(fixed(newer), [older]).decode(older.name, future)).toEqual({ a: 'x' });
    });

    it('gives a symbol that it does not know the default symbol', async () => {
      const with2 = (symbols: string[]): EventType =>
        named([{ name: 'e', type: { type: 'enum', name: 'E', symbols, default: 'unknown' } }]);
      const written = await written1(with2(['unknown', 'gone']), { e: 'gone' });
      const reader = with2(['unknown']);
      expect(await codecOver(fixed(with2(['unknown', 'gone'])), [reader]).decode(reader.name, written)).toEqual({
        e: 'unknown',
      });
    });
  });

  describe('asks the registry', () => {
    const counting = (schemaOf: Registry['schemaOf']): { registry: Registry; asked: () => number } => {
      let asked = 0;
      return {
        registry: {
          idOf: async () => 1,
          register: async () => 1,
          schemaOf: (id) => {
            asked += 1;
            return schemaOf(id);
          },
        },
        asked: () => asked,
      };
    };
    const value = (): Buffer => {
      const bytes = Buffer.from(codec.encode(OrderPlaced.name, placed));
      bytes.writeInt32BE(7, 1);
      return bytes;
    };

    it('once per writer, and never for its own schema', async () => {
      const { registry, asked } = counting(async () => compile(OrderPlaced.schema));
      const asking = codecOver(registry, [OrderPlaced]);
      await asking.prepare();
      await asking.decode(OrderPlaced.name, asking.encode(OrderPlaced.name, placed));
      expect(asked()).toBe(0);
      for (let n = 0; n < 3; n += 1) await asking.decode(OrderPlaced.name, value());
      expect(asked()).toBe(1);
    });

    it('about a missing id once a minute', async () => {
      let now = 1_000;
      let there = false;
      const { registry, asked } = counting(async () => (there ? compile(OrderPlaced.schema) : undefined));
      const asking = codecOver(registry, [OrderPlaced], () => now);
      for (let n = 0; n < 3; n += 1) {
        expect(await codeOf(() => asking.decode(OrderPlaced.name, value()))).toBe('CONTRACTS_UNDECODABLE');
      }
      expect(asked()).toBe(1);
      there = true;
      now += 60_001;
      expect(await asking.decode(OrderPlaced.name, value())).toEqual(placed);
    });

    it('again after it was away: that is no poison', async () => {
      let away = true;
      const { registry } = counting(async () => {
        if (away) throw new BanyanError('CONTRACTS_REGISTRY_DOWN', 'away', { retryable: true });
        return compile(OrderPlaced.schema);
      });
      const asking = codecOver(registry, [OrderPlaced]);
      expect(await codeOf(() => asking.decode(OrderPlaced.name, value()))).toBe('CONTRACTS_REGISTRY_DOWN retryable');
      away = false;
      expect(await asking.decode(OrderPlaced.name, value())).toEqual(placed);
    });
  });
});

function named(fields: readonly object[]): EventType {
  return { name: 'test.v1.Thing', schema: { type: 'record', name: 'Thing', namespace: 'test.v1', fields } };
}

/** A registry with one schema, id 1. */
function fixed(type: EventType): Registry {
  return { idOf: async () => undefined, register: async () => 1, schemaOf: async () => compile(type.schema) };
}

async function written1(type: EventType, data: unknown): Promise<Buffer> {
  return (await inMemoryCodec([type])).encode(type.name, data);
}
