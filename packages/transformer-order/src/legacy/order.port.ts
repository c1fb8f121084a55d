import { tableTarget } from '@banyan/northwind';
import { equalRows, moneyToReal, type PortDefinition } from '@banyan/transformer';
import { basisPointsToReal } from '../discount.js';
import { isBornInV2, type Order } from '../order.js';
import { byProduct, canonical, type OrderRow } from './order-row.js';

const PATH = '/api/orders';

export const orderBackend: PortDefinition<Order, OrderRow> = {
  name: 'backend',
  primary: true,
  refsOf: ({ customerId, lines }) => [
    ...(customerId === null ? [] : [{ entity: 'customer', id: customerId }]),
    ...lines.map(({ productId }) => ({ entity: 'product', id: productId })),
  ],
  format: (state, { id, legacyId, legacyIdOf }) => ({
    OrderID: legacyId === undefined ? null : Number(legacyId),
    CustomerID: state.customerId === null ? null : legacyIdOf('customer', state.customerId),
    EmployeeID: state.employeeId,
    OrderDate: state.orderedOn,
    RequiredDate: state.requiredOn,
    ShippedDate: state.shippedOn,
    ShipVia: state.shipperId,
    Freight: state.freight === null ? null : moneyToReal(state.freight),
    ShipName: state.shipTo.name,
    ShipAddress: state.shipTo.street,
    ShipCity: state.shipTo.city,
    ShipRegion: state.shipTo.region,
    ShipPostalCode: state.shipTo.postalCode,
    ShipCountry: state.shipTo.country,
    // Legacy assigns the id and would make a second order of a repeat. The stamp is how a lost answer is found again.
    PoNumber: state.poNumber ?? (isBornInV2(state) ? id : null),
    Details: byProduct(
      state.lines.map((line) => ({
        ProductID: Number(legacyIdOf('product', line.productId)),
        UnitPrice: moneyToReal(line.unitPrice),
        Quantity: line.quantity,
        Discount: basisPointsToReal(line.discountBasisPoints),
      })),
    ),
  }),
  target: tableTarget(PATH, {
    deliveryClass: 'probe',
    request: ({ OrderID: _, ...row }) => ({ method: 'POST', path: PATH, body: row }),
    idFromAnswer: (answer) => String(canonical(answer).OrderID),
    probePath: ({ PoNumber }) => `${PATH}?PoNumber=${encodeURIComponent(PoNumber ?? '')}`,
    isOurs(candidate, sent, { id, isAbove }) {
      if (sent.PoNumber === id) return candidate.PoNumber === id;
      // The client's own number may be on older orders too; above the mark and equal in all columns, it is the one sent.
      return isAbove && equalRows(candidate, sent, { except: ['OrderID'] });
    },
  }),
};
