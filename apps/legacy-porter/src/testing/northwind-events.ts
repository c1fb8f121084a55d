import { event } from '@banyan/contracts';
import { CustomerChanged, CustomerRegistered, CustomerRemoved } from '@banyan/contracts/events/northwind.customer.v1';
import { OrderCancelled, OrderPlaced, OrderRevised } from '@banyan/contracts/events/northwind.order.v1';
import { ProductAdded } from '@banyan/contracts/events/northwind.product.v1';

const nowhere = { street: null, city: null, region: null, postalCode: null, country: null };

const customer = (customerCode: string, companyName: string) => ({
  customerCode,
  companyName,
  contact: { givenName: 'Ada', familyName: 'Ray', displayName: null },
  contactTitle: null,
  address: nowhere,
  phone: null,
  fax: null,
});

export const registered = (code: string, company = 'Banyan & Sons') =>
  event(CustomerRegistered, customer(code, company));
export const changed = (code: string, company: string) => event(CustomerChanged, customer(code, company));
export const removed = () => event(CustomerRemoved, { reason: null });

export interface OrderGiven {
  readonly customerId: string;
  readonly productId: string;
  readonly quantity?: number;
  readonly poNumber?: string;
}

const order = ({ customerId, productId, quantity = 1, poNumber }: OrderGiven) => ({
  customerId,
  employeeId: 1,
  orderedOn: '2024-05-06',
  requiredOn: null,
  shippedOn: null,
  shipperId: 1,
  freight: { cents: 1234, currency: 'USD' },
  shipTo: { name: 'Somebody', ...nowhere },
  poNumber: poNumber ?? null,
  lines: [{ productId, unitPrice: { cents: 1999, currency: 'USD' }, quantity, discountBasisPoints: 500 }],
});

export const placed = (given: OrderGiven) => event(OrderPlaced, { ...order(given), placedAt: 1_715_000_000_000 });
export const revised = (given: OrderGiven) => event(OrderRevised, order(given));
export const cancelled = () => event(OrderCancelled, { reason: null });

export const added = (name: string) =>
  event(ProductAdded, {
    name,
    supplierId: 1,
    categoryId: 1,
    quantityPerUnit: '10 boxes',
    unitPrice: { cents: 450, currency: 'USD' },
    unitsInStock: 5,
    unitsOnOrder: 0,
    reorderLevel: 0,
    discontinued: false,
  });
