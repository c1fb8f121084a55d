import { describe, expect, it } from '@jest/globals';
import { catalogue } from './catalogue.js';
import { event } from './event.js';
import { OrderShipped } from './generated/northwind.order.v1.js';

describe('catalogue', () => {
  it('has every type under the full name in its schema', () => {
    expect(catalogue.size).toBeGreaterThan(0);
    for (const [name, type] of catalogue) {
      expect(type.name).toBe(name);
      const { namespace, name: own } = type.schema as { namespace: string; name: string };
      expect(`${namespace}.${own}`).toBe(name);
    }
  });

  it('lets every import and vanishing carry the legacy id', () => {
    const imports = [...catalogue.values()].filter(({ name }) => /(Imported|Vanished)$/.test(name));
    expect(imports.length).toBeGreaterThan(0);
    for (const { schema } of imports) {
      const { fields } = schema as { fields: { name: string; type: unknown }[] };
      expect(fields).toContainEqual(expect.objectContaining({ name: 'legacyId', type: 'string' }));
    }
  });
});

describe('event', () => {
  it('names its type', () => {
    expect(event(OrderShipped, { shippedOn: '1996-07-16', shipperId: 3 })).toEqual({
      type: 'northwind.order.v1.OrderShipped',
      data: { shippedOn: '1996-07-16', shipperId: 3 },
    });
  });
});
