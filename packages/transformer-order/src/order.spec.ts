import { event } from '@banyan/contracts';
import {
  OrderCancelled,
  type OrderEvent,
  OrderImported,
  OrderPlaced,
  OrderRestated,
  OrderRevised,
  OrderShipped,
  OrderVanished,
} from '@banyan/contracts/events/northwind.order.v1';
import { livenessOf } from '@banyan/transformer';
import { checkLawOfRestating, scenariosOf } from '@banyan/transformer/testing';
import { describe, expect, it } from '@jest/globals';
import { cancelOrder } from './commands/cancel-order.js';
import { placeOrder } from './commands/place-order.js';
import { reviseOrder } from './commands/revise-order.js';
import { shipOrder } from './commands/ship-order.js';
import { order } from './index.js';
import {
  body,
  CHAI,
  CHANG,
  data,
  known,
  NOW,
  ORDER_ID,
  placedData,
  shipTo,
  UNPRICED,
  usd,
} from './testing/order.fixture.js';

const { givenEvents } = scenariosOf(order, { id: ORDER_ID, now: NOW, known });
const placed = event(OrderPlaced, placedData);
const shipped = event(OrderShipped, { shippedOn: '2026-03-02', shipperId: 1 });
const cancelled = event(OrderCancelled, { reason: 'changed their mind' });
const imported = event(OrderImported, { legacyId: '10248', ...data });
const handback = { type: 'handback', epoch: 1 } as const;

describe('PlaceOrder', () => {
  it('places an order, with the list price where a line names none', () => {
    const { state } = givenEvents().whenCommand(placeOrder, body).thenEvent(placed);
    expect(state).toEqual({ ...data, status: 'placed', placedAt: NOW, cancelReason: null });
  });

  it('takes today for the day of the order, no freight, and nowhere to ship it', () => {
    const nowhere = { name: null, street: null, city: null, region: null, postalCode: null, country: null };
    givenEvents()
      .whenCommand(placeOrder, { customer: body.customer, lines: [{ product: { id: CHAI }, quantity: 1 }] })
      .thenEvent(
        event(OrderPlaced, {
          ...placedData,
          orderedOn: '2026-03-04',
          requiredOn: null,
          employeeId: null,
          shipperId: null,
          poNumber: null,
          freight: usd(0),
          shipTo: nowhere,
          lines: [{ productId: CHAI, unitPrice: usd(1800), quantity: 1, discountBasisPoints: 0 }],
        }),
      );
  });

  it('refuses a product on two lines, however it is named: legacy has one row for both', () => {
    const lines = [
      { product: { id: CHAI }, quantity: 1 },
      { product: { legacyId: '1' }, quantity: 2 },
    ];
    const refusal = givenEvents()
      .whenCommand(placeOrder, { ...body, lines })
      .thenRefused('ORDER_PRODUCT_TWICE');
    expect(refusal.data).toMatchObject({ path: 'lines[1].product', productId: CHAI });
  });

  it('refuses a line without a price for a product without one', () => {
    const lines = [{ product: { id: UNPRICED }, quantity: 1 }];
    givenEvents()
      .whenCommand(placeOrder, { ...body, lines })
      .thenRefused('ORDER_PRICE_UNKNOWN');
    const priced = [{ product: { id: UNPRICED }, quantity: 1, unitPrice: usd(0) }];
    const { state } = givenEvents()
      .whenCommand(placeOrder, { ...body, lines: priced })
      .thenEvent(
        event(OrderPlaced, {
          ...placedData,
          lines: [{ productId: UNPRICED, unitPrice: usd(0), quantity: 1, discountBasisPoints: 0 }],
        }),
      );
    expect(state?.lines[0]?.unitPrice).toEqual(usd(0));
  });

  it.each([
    ['freight', { freight: usd(13_107_201) }],
    ['lines[0].unitPrice', { lines: [{ product: { id: CHAI }, quantity: 1, unitPrice: usd(13_107_201) }] }],
  ])('refuses money at %s that legacy would round', (path, change) => {
    const refusal = givenEvents()
      .whenCommand(placeOrder, { ...body, ...change })
      .thenRefused('MONEY_NOT_EXACT');
    expect(refusal.data.path).toBe(path);
  });

  it('refuses a currency that legacy has no column for', () => {
    givenEvents()
      .whenCommand(placeOrder, { ...body, freight: { cents: 1, currency: 'EUR' } })
      .thenRefused('MONEY_CURRENCY_NOT_ACCEPTED');
  });

  it('refuses an id that is taken', () => {
    givenEvents(placed).whenCommand(placeOrder, body).thenRefused('ORDER_EXISTS');
  });

  const [line] = body.lines;
  it.each([
    ['lines', { lines: [] }],
    ['lines[0].quantity', { lines: [{ ...line, quantity: 0 }] }],
    ['lines[0].quantity', { lines: [{ ...line, quantity: 32768 }] }],
    ['lines[0].quantity', { lines: [{ ...line, quantity: 1.5 }] }],
    ['lines[0].discountBasisPoints', { lines: [{ ...line, discountBasisPoints: 10_001 }] }],
    ['lines[0].discountBasisPoints', { lines: [{ ...line, discountBasisPoints: -1 }] }],
    ['lines[0].product', { lines: [{ ...line, product: 'Chai' }] }],
    ['customer', { customer: undefined }],
    ['orderedOn', { orderedOn: '2026-02-30' }],
    ['requiredOn', { requiredOn: '2026-03-04T00:00:00Z' }],
    ['poNumber', { poNumber: 'x'.repeat(41) }],
    ['poNumber', { poNumber: '' }],
    ['employeeId', { employeeId: 32768 }],
    ['shipTo.name', { shipTo: { ...shipTo, name: 'x'.repeat(41) } }],
    ['', { status: 'shipped' }],
  ])('finds what legacy cannot hold at %j: %j', (path, change) => {
    givenEvents()
      .whenCommand(placeOrder, { ...body, ...change })
      .thenMalformed(path);
  });
});

describe('ReviseOrder', () => {
  it('replaces the whole order, and keeps when it was placed', () => {
    const { state } = givenEvents(placed)
      .whenCommand(reviseOrder, { ...body, freight: usd(1) })
      .thenEvent(event(OrderRevised, { ...data, freight: usd(1) }));
    expect(state).toMatchObject({ placedAt: NOW, status: 'placed' });
  });

  it('keeps the agreed price and the day of the order where the command names none', () => {
    const { orderedOn: _, ...undated } = body;
    const lines = [
      { product: { id: CHAI }, quantity: 13 },
      { product: { id: CHANG }, quantity: 1 },
    ];
    givenEvents(placed)
      .whenCommand(reviseOrder, { ...undated, lines })
      .thenEvent(
        event(OrderRevised, {
          ...data,
          lines: [
            { productId: CHAI, unitPrice: usd(1400), quantity: 13, discountBasisPoints: 0 },
            { productId: CHANG, unitPrice: usd(1900), quantity: 1, discountBasisPoints: 0 },
          ],
        }),
      );
  });

  it('does nothing when it is so already', () => {
    givenEvents(placed).whenCommand(reviseOrder, body).thenNothing();
  });

  it.each<[string, OrderEvent[]]>([
    ['ORDER_NOT_FOUND', []],
    ['ORDER_SHIPPED', [placed, shipped]],
    ['ORDER_CANCELLED', [placed, cancelled]],
  ])('refuses with %s', (code, history) => {
    givenEvents(...history)
      .whenCommand(reviseOrder, body)
      .thenRefused(code);
  });
});

describe('ShipOrder', () => {
  it('ships today with the shipper that the order names, unless it is told otherwise', () => {
    const { state } = givenEvents(placed)
      .whenCommand(shipOrder, {})
      .thenEvent(event(OrderShipped, { shippedOn: '2026-03-04', shipperId: 3 }));
    expect(state).toMatchObject({ status: 'shipped', shippedOn: '2026-03-04', shipperId: 3 });
    givenEvents(placed).whenCommand(shipOrder, { shippedOn: '2026-03-02', shipperId: 1 }).thenEvent(shipped);
  });

  it.each<[string, OrderEvent[]]>([
    ['ORDER_NOT_FOUND', []],
    ['ORDER_SHIPPED', [placed, shipped]],
    ['ORDER_CANCELLED', [placed, cancelled]],
  ])('refuses with %s', (code, history) => {
    givenEvents(...history)
      .whenCommand(shipOrder, {})
      .thenRefused(code);
  });

  it('refuses an order that legacy shipped', () => {
    givenEvents(event(OrderImported, { legacyId: '10248', ...data, shippedOn: '1996-07-16' }))
      .whenCommand(shipOrder, {})
      .thenRefused('ORDER_SHIPPED');
  });
});

describe('CancelOrder', () => {
  it('keeps the order as a document of something that is gone', () => {
    const { state } = givenEvents(placed)
      .whenCommand(cancelOrder, { reason: 'changed their mind' })
      .thenEvent(cancelled);
    expect(state).toEqual({
      ...data,
      status: 'cancelled',
      placedAt: NOW,
      cancelReason: 'changed their mind',
    });
    expect(livenessOf(order, state)).toBe('deleted');
    expect(livenessOf(order, givenEvents(placed).state)).toBe('live');
  });

  it('does nothing to an order that was cancelled', () => {
    givenEvents(placed, cancelled).whenCommand(cancelOrder, {}).thenNothing();
  });

  it.each<[string, OrderEvent[]]>([
    ['ORDER_NOT_FOUND', []],
    ['ORDER_SHIPPED', [placed, shipped]],
  ])('refuses with %s', (code, history) => {
    givenEvents(...history)
      .whenCommand(cancelOrder, {})
      .thenRefused(code);
  });
});

describe('an imported order', () => {
  it('is placed, or shipped when its row has the day', () => {
    givenEvents(imported).thenState({ ...data, status: 'placed', placedAt: null, cancelReason: null });
    const sent = event(OrderImported, { legacyId: '10248', ...data, shippedOn: '1996-07-16' });
    expect(givenEvents(sent).state?.status).toBe('shipped');
  });

  it('keeps the instant at which V2 placed it, which no row can say', () => {
    const { state } = givenEvents(
      placed,
      handback,
      event(OrderImported, { legacyId: '11078', ...data, freight: usd(1) }),
    );
    expect(state).toMatchObject({ placedAt: NOW, freight: usd(1) });
  });

  it('is cancelled when its row vanishes, and comes back with the row', () => {
    const vanished = event(OrderVanished, { legacyId: '10248' });
    const { state } = givenEvents(imported, vanished);
    expect(state).toMatchObject({ status: 'cancelled', lines: data.lines });
    expect(livenessOf(order, state)).toBe('deleted');
    expect(givenEvents(imported, vanished, imported).state?.status).toBe('placed');
  });

  it('leaves nothing when nobody knew the row that vanished', () => {
    givenEvents(event(OrderVanished, { legacyId: '10248' })).thenState(undefined);
  });
});

it('parks a change of an order that never was', () => {
  expect(() => order.evolve(undefined, shipped)).toThrow(expect.objectContaining({ code: 'ORDER_EVENT_BEFORE_ORDER' }));
});

it('makes a row per line, numbered as the client ordered them, and keeps the rows of a cancelled order', () => {
  const { state } = givenEvents(placed, cancelled);
  const [orders, lines] = order.projections.map((projection) => projection.rows(state, ORDER_ID));
  expect(orders).toEqual([expect.objectContaining({ id: ORDER_ID, status: 'cancelled', freight_cents: 3238 })]);
  expect(lines).toMatchObject([
    { line_number: 1, product_id: CHAI, unit_price_cents: 1400, discount_basis_points: 1500 },
    { line_number: 2, product_id: CHANG, unit_price_cents: 1900, discount_basis_points: 0 },
  ]);
});

describe('a restated order', () => {
  it('is what the operator says, whatever it was', () => {
    const [open, sent, withdrawn] = [givenEvents(placed), givenEvents(placed, shipped), givenEvents(placed, cancelled)];
    const states = [open, sent, withdrawn].flatMap(({ state }) => state ?? []);
    expect(states).toHaveLength(3);
    expect(() => checkLawOfRestating(order, states)).not.toThrow();
  });

  it('is not taken with a status that only a later version has', () => {
    const whole = { ...data, status: 'unknown', placedAt: null, cancelReason: null } as const;
    expect(() => order.evolve(undefined, event(OrderRestated, { by: 'x', reason: 'y', state: whole }))).toThrow(
      'a status that is unknown here',
    );
  });
});
