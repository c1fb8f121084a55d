import { describe, expect, it } from '@jest/globals';
import { queryOf } from './legacy-path.js';
import { routeTable } from './route-table.js';

const table = routeTable([
  {
    name: 'order',
    routes: [
      { name: 'list', kind: 'read', method: 'GET', path: '/api/orders' },
      { name: 'one', kind: 'read', method: 'GET', path: '/api/orders/:OrderID' },
      { name: 'create', kind: 'write', method: 'POST', path: '/api/orders' },
      { name: 'replace', kind: 'write', method: 'PUT', path: '/api/orders/:OrderID' },
      { name: 'ship', kind: 'write', method: 'POST', path: '/api/orders/:OrderID/ship' },
    ],
  },
]);

function matched(method: string, target: string): string {
  const match = table.match(method, target);
  if (match.type !== 'route') return match.type === 'unknown' ? 'unknown' : `doubtful ${match.entity}`;
  return [match.entity, match.route.name, ...Object.values(match.params)].join(' ');
}

describe('matching a path as it is sent', () => {
  it.each([
    ['GET', '/api/orders', 'order list'],
    ['GET', '/api/orders?PoNumber=a/b', 'order list'],
    ['HEAD', '/api/orders/10248', 'order one 10248'],
    ['GET', '/api/orders/0010248', 'order one 0010248'],
    ['PUT', '/api/orders/10248#x', 'order replace 10248'],
    // Legacy decodes each segment, so an encoded letter must not be a way around the gate.
    ['PUT', '/api/%6Frders/10248', 'order replace 10248'],
    ['PUT', '/api/orders/ALFKI%20', 'order replace ALFKI '],
    ['POST', '/api/orders/10248/ship', 'order ship 10248'],
    ['GET', '/api/orders/', 'unknown'],
    ['GET', '/api/ORDERS', 'unknown'],
    ['GET', '/api/orders/1/2', 'unknown'],
    ['GET', '/api/%', 'unknown'],
    ['GET', '/health', 'unknown'],
    ['POST', '/login', 'unknown'],
    ['POST', '/api/orders-archive', 'unknown'],
  ])('%s %s is %s', (method, target, expected) => {
    expect(matched(method, target)).toBe(expected);
  });

  it.each([
    ['PATCH', '/api/orders/10248'],
    ['DELETE', '/api/orders/10248/'],
    ['PUT', '/API/Orders/10248'],
    ['PUT', '/api//orders/10248'],
    ['PUT', '/api/x/../orders/10248'],
    ['PUT', '/api/x/%2e%2e/orders/10248'],
    ['PUT', '/api%2Forders/10248'],
    ['PUT', '/api/orders;v=1/10248'],
    ['POST', '/api/orders/10248/lines'],
    ['POST', '/api/orders/%'],
    ['PUT', '/api\\orders\\10248'],
  ])('takes %s %s for a write that legacy could understand', (method, target) => {
    expect(matched(method, target)).toBe('doubtful order');
  });

  it('reads a name that is given twice as a list', () => {
    expect(queryOf('/x?a=1&b=%C3%A9+u&a=2#c=3')).toEqual({ a: ['1', '2'], b: 'é u' });
  });
});
