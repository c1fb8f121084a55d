import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { compile } from '../avro.js';
import { runSchemaTool } from './schema-tool.js';

const REAL = fileURLToPath(new URL('../../../../schemas', import.meta.url));
const REAL_RECORDED = fileURLToPath(new URL('../../fixtures/recorded', import.meta.url));
const REAL_GENERATED = fileURLToPath(new URL('../generated', import.meta.url));

// biome-ignore lint/suspicious/noExplicitAny: schemas are bent into every wrong shape here
type Bent = any;

describe('the schema tool', () => {
  let root: string;
  let out: string[];
  let err: string[];

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'schemas-'));
    cpSync(REAL, join(root, 'schemas'), { recursive: true });
    cpSync(REAL_GENERATED, join(root, 'generated'), { recursive: true });
    cpSync(REAL_RECORDED, join(root, 'recorded'), { recursive: true });
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const run = (command: string | undefined): Promise<number> => {
    out = [];
    err = [];
    return runSchemaTool(command, {
      schemas: join(root, 'schemas'),
      generated: join(root, 'generated'),
      recorded: join(root, 'recorded'),
      registryUrl: undefined,
      out: (line) => out.push(line),
      err: (line) => err.push(line),
    });
  };
  const file = (path: string): string => join(root, 'schemas', path);
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(file(path)), { recursive: true });
    writeFileSync(file(path), text);
  };
  const change = (path: string, bend: (schema: Bent) => void): void => {
    const schema = JSON.parse(readFileSync(file(path), 'utf8'));
    bend(schema);
    write(path, JSON.stringify(schema));
  };
  const SHIPPED = 'northwind/order/v1/OrderShipped.avsc';
  const PLACED = 'northwind/order/v1/OrderPlaced.avsc';
  const REVISED = 'northwind/order/v1/OrderRevised.avsc';
  const field = (schema: Bent, name: string): Bent => schema.fields.find((one: Bent) => one.name === name);

  describe('check', () => {
    it('passes on the schemas as they are', async () => {
      expect([await run('check'), err]).toEqual([0, []]);
    });

    it('gives file, line and remedy of a file that is no JSON', async () => {
      write(SHIPPED, '{\n  "type": "record",\n  oops\n}\n');
      expect(await run('check')).toBe(1);
      expect(err.join('\n')).toMatch(/northwind\/order\/v1\/OrderShipped\.avsc: not JSON .*line 3.*mend the syntax/);
    });

    it('refuses a file in the wrong place', async () => {
      write('northwind/OrderLost.avsc', '{}');
      expect(await run('check')).toBe(1);
      expect(err.join('\n')).toContain('northwind/OrderLost.avsc: move it to <domain>/<entity>/v<major>/<Event>.avsc');
    });

    it.each<[string, string, (schema: Bent) => void, string]>([
      ['a field without doc', SHIPPED, (s) => delete s.fields[0].doc, 'field shippedOn: has no doc'],
      ['an event without doc', SHIPPED, (s) => delete s.doc, 'schema: has no doc'],
      [
        'a nested field without doc',
        REVISED,
        (s) => delete field(s, 'lines').type.items.fields[2].doc,
        'field lines.quantity: has no doc',
      ],
      [
        'another namespace',
        SHIPPED,
        (s) => {
          s.namespace = 'northwind.order.v2';
        },
        'schema: has namespace "northwind.order.v2", its folder says "northwind.order.v1"',
      ],
      [
        'another name',
        SHIPPED,
        (s) => {
          s.name = 'OrderSent';
        },
        'schema: has name "OrderSent", its file says "OrderShipped"',
      ],
      [
        'a union of two types',
        SHIPPED,
        (s) => {
          s.fields[1].type = ['null', 'int', 'string'];
        },
        'field shipperId: is a union other than ["null", X]',
      ],
      [
        'null at the end of a union',
        SHIPPED,
        (s) => {
          s.fields[1].type = ['int', 'null'];
        },
        'field shipperId: is a union other than ["null", X]',
      ],
      [
        'a nullable field without default',
        SHIPPED,
        (s) => delete s.fields[1].default,
        'field shipperId: is nullable without `"default": null`',
      ],
      [
        'a typo in a key',
        SHIPPED,
        (s) => {
          s.fields[1].defualt = null;
        },
        'field shipperId: has "defualt"; known are name, doc, type, default',
      ],
      [
        'an unknown type',
        SHIPPED,
        (s) => {
          s.fields[0].type = 'text';
        },
        'field shippedOn: refers to "text", which this file does not define',
      ],
      [
        'a map',
        SHIPPED,
        (s) => {
          s.fields[0].type = { type: 'map', values: 'int' };
        },
        'field shippedOn: has type "map"',
      ],
      [
        'an array of a union',
        SHIPPED,
        (s) => {
          s.fields[0].type = { type: 'array', items: ['null', 'int'] };
        },
        'field shippedOn: has type ["null","int"]',
      ],
      [
        'an unknown logical type',
        SHIPPED,
        (s) => {
          s.fields[0].type = { type: 'int', logicalType: 'date' };
        },
        'field shippedOn: has logical type "date" of int',
      ],
      [
        'an event without fields',
        SHIPPED,
        (s) => {
          s.fields = [];
        },
        'schema: has no fields',
      ],
      ['a field twice', SHIPPED, (s) => s.fields.push(s.fields[0]), 'field shippedOn: is there twice'],
      [
        'a field name in another case',
        SHIPPED,
        (s) => {
          s.fields[0].name = 'shipped_on';
        },
        'field shipped_on: needs a name in camelCase',
      ],
      [
        'an enum without default',
        'banyan/receipt/v1/EventHandled.avsc',
        (s) => delete field(s, 'outcome').type.default,
        'field outcome: is an enum without a default symbol',
      ],
      [
        'an enum with a default that is no symbol',
        'banyan/receipt/v1/EventHandled.avsc',
        (s) => {
          field(s, 'outcome').type.default = 'nope';
        },
        'field outcome: is an enum without a default symbol',
      ],
      [
        'a default of another type',
        SHIPPED,
        (s) => {
          s.fields[0].default = 5;
        },
        'schema: is not Avro',
      ],
      [
        'no record at all',
        SHIPPED,
        (s) => {
          s.type = 'enum';
        },
        'schema: is not a record',
      ],
      [
        'a nested record that differs from its twin',
        REVISED,
        (s) => {
          field(s, 'freight').type[1].fields[0].type = 'int';
        },
        'type Money: differs from the one in northwind/order/v1/OrderImported.avsc',
      ],
      [
        'a nested record with the name of an event',
        REVISED,
        (s) => {
          field(s, 'shipTo').type.name = 'OrderPlaced';
        },
        'type OrderPlaced: has the name of generated code',
      ],
    ])('refuses %s, with its place', async (_, path, bend, message) => {
      change(path, bend);
      expect(await run('check')).toBe(1);
      expect(err.join('\n')).toContain(`schemas/${path}, ${message}`);
    });

    it.each<[string, (schema: Bent) => void, string]>([
      [
        'a field is added without default',
        (s) => s.fields.push({ name: 'by', doc: 'Who.', type: 'string' }),
        'cannot read what version 1 wrote',
      ],
      ['a field without default is removed', (s) => s.fields.shift(), 'cannot be read by version 1'],
      [
        'a field is renamed',
        (s) => {
          s.fields[0].name = 'sentOn';
        },
        'cannot read what version 1 wrote',
      ],
      [
        'a type is changed',
        (s) => {
          s.fields[0].type = 'int';
        },
        'cannot read what version 1 wrote',
      ],
      [
        'a type is widened, which old readers cannot follow',
        (s) => {
          s.fields[1].type = ['null', 'long'];
        },
        'cannot be read by version 1',
      ],
      [
        'a field becomes nullable',
        (s) => {
          s.fields[0].type = ['null', 'string'];
          s.fields[0].default = null;
        },
        'cannot be read by version 1',
      ],
    ])('refuses that %s', async (_, bend, message) => {
      change(SHIPPED, bend);
      expect(await run('check')).toBe(1);
      expect(err.join('\n')).toContain(`schemas/${SHIPPED}, schema: ${message}`);
      expect(err.join('\n')).toContain('begins a new major version');
    });

    it('proves it against every release, not only the last', async () => {
      const tip = { name: 'tip', doc: 'A tip, cents.', type: ['null', 'int'], default: null };
      change(SHIPPED, (s) => s.fields.push(tip));
      expect(await run('generate')).toBe(0);
      expect(await run('release')).toBe(0);
      expect(out).toContain('released/northwind/order/v1/OrderShipped.2.avsc');
      change(SHIPPED, (s) => s.fields.pop());
      await run('generate');
      expect(await run('release')).toBe(0);
      change(SHIPPED, (s) => s.fields.push({ ...tip, type: ['null', 'string'] }));
      expect(await run('check')).toBe(1);
      expect(err.join('\n')).toContain('cannot read what version 2 wrote');
      expect(err.join('\n')).not.toContain('version 3');
    });

    it('refuses that a released event disappears', async () => {
      rmSync(file(SHIPPED));
      expect(await run('check')).toBe(1);
      expect(err.join('\n')).toContain('OrderShipped.1.avsc, schema: is released and has no .avsc any more');
    });

    it('accepts a nullable field and a symbol that are added, once the code is generated', async () => {
      change(SHIPPED, (s) => s.fields.push({ name: 'by', doc: 'Who.', type: ['null', 'string'], default: null }));
      change('banyan/receipt/v1/EventHandled.avsc', (s) => field(s, 'outcome').type.symbols.push('dropped'));
      expect(await run('check')).toBe(1);
      expect(err.join('\n')).toMatch(
        /banyan\.receipt\.v1\.ts, northwind\.order\.v1\.ts; run `npm run schemas:generate`/,
      );
      expect(await run('generate')).toBe(0);
      expect([await run('check'), err]).toEqual([0, []]);
    });

    it('finds generated code that was changed by hand, is missing, or left over', async () => {
      writeFileSync(join(root, 'generated/northwind.order.v1.ts'), '// mine');
      rmSync(join(root, 'generated/northwind.product.v1.ts'));
      writeFileSync(join(root, 'generated/northwind.nothing.v1.ts'), '');
      expect(await run('check')).toBe(1);
      expect(err.join('\n')).toContain('northwind.nothing.v1.ts, northwind.order.v1.ts, northwind.product.v1.ts');
      expect(await run('generate')).toBe(0);
      expect(await run('check')).toBe(0);
    });
  });

  it('releases nothing that is released already, and nothing that fails the check', async () => {
    await run('release');
    expect([await run('release'), out.filter((line) => /\.(avsc|json)$/.test(line))]).toEqual([0, []]);
    change(SHIPPED, (s) => s.fields.shift());
    expect(await run('release')).toBe(1);
  });

  it('records bytes of what is released, with everything in them, and never anew', async () => {
    const recorded = (name: string) => JSON.parse(readFileSync(join(root, 'recorded', name), 'utf8')) as Bent;
    const [shipped, placed] = ['OrderShipped.2', 'OrderPlaced.1'].map((name) => `northwind.order.v1.${name}.json`);
    rmSync(join(root, 'recorded', `${placed}`));
    const first = recorded('northwind.order.v1.OrderShipped.1.json');
    change(SHIPPED, (s) => s.fields.push({ name: 'by', doc: 'Who.', type: ['null', 'string'], default: null }));
    await run('generate');
    expect([await run('release'), out]).toEqual([0, expect.arrayContaining([shipped, placed])]);
    for (const name of [`${shipped}`, `${placed}`]) {
      const { data, bytes } = recorded(name);
      const schema = JSON.parse(readFileSync(file(name.includes('Shipped') ? SHIPPED : PLACED), 'utf8'));
      expect(compile(schema).fromBuffer(Buffer.from(bytes, 'hex').subarray(5))).toMatchObject(data);
      expect(JSON.stringify(data)).not.toContain('null');
    }
    expect(recorded('northwind.order.v1.OrderShipped.1.json')).toEqual(first);
  });

  it('generates nothing from broken schemas', async () => {
    change(SHIPPED, (s) => delete s.doc);
    const before = readFileSync(join(root, 'generated/northwind.order.v1.ts'), 'utf8');
    expect(await run('generate')).toBe(1);
    expect(readFileSync(join(root, 'generated/northwind.order.v1.ts'), 'utf8')).toBe(before);
  });

  it('tells how it is used, and what register lacks', async () => {
    expect(await run('fnord')).toBe(2);
    expect(await run(undefined)).toBe(2);
    expect(err.join('\n')).toContain('schemas:check');
    expect(await run('register')).toBe(2);
    expect(err.join('\n')).toContain('SCHEMA_REGISTRY_URL is not set');
  });
});
