import { describe, expect, it } from '@jest/globals';
import { refuses } from './refuses.js';

const body = (words: string) => ({ status: 500, body: `Database error: ${words}` });

describe('what legacy has decided', () => {
  it.each([
    'update or delete on table "customers" violates foreign key constraint "fk_orders_customers" on table "orders"\nKey (customer_id)=(VINET) is still referenced from table "orders".',
    'insert or update on table "orders" violates foreign key constraint "fk_orders_customers"',
    'duplicate key value violates unique constraint "pk_customers"\nKey (customer_id)=(ALFKI) already exists.',
    'null value in column "product_name" of relation "products" violates not-null constraint',
    'value "40000" is out of range for type smallint',
    '"1e+39" is out of range for type real',
    'integer out of range',
    'invalid byte sequence for encoding "UTF8": 0x00',
  ])('is what its database says of the data: %s', (words) => {
    expect(refuses(body(words))).toBe(true);
  });

  it.each([
    body('deadlock detected'),
    body('terminating connection due to administrator command'),
    body('canceling statement due to statement timeout'),
    body('could not serialize access due to concurrent update'),
    { status: 500, body: 'Server error: violates foreign key constraint ' },
    { status: 502, body: body('duplicate key value violates unique constraint "x"').body },
    { status: 500, body: '' },
  ])('is not what may be otherwise next time: %j', (answer) => {
    expect(refuses(answer)).toBe(false);
  });
});
