import {
  CustomerChanged,
  CustomerImported,
  CustomerRegistered,
  CustomerRemoved,
  CustomerRestated,
  CustomerVanished,
} from '@banyan/contracts/events/northwind.customer.v1';
import { canonicalCode, defineEntity, derivedFrom } from '@banyan/transformer';
import { changeCustomer } from './commands/change-customer.js';
import { registerCustomer } from './commands/register-customer.js';
import { removeCustomer } from './commands/remove-customer.js';
import { type Customer, evolve, restated } from './customer.js';
import { customerCompare } from './legacy/customer.compare.js';
import { importAbsence, importRow } from './legacy/customer.import.js';
import { customerBackend } from './legacy/customer.port.js';
import { customerReader } from './legacy/customer.reader.js';
import { customerRoutes } from './legacy/customer.routes.js';
import type { CustomerRow } from './legacy/customer-row.js';
import { customerRows } from './v2/customer-rows.js';
import { migrations } from './v2/migrations.js';
import { getCustomer, listCustomers } from './v2/queries.js';

/** Customers: people gave them their ids, so both systems know the id before there is a row. */
export const customer = defineEntity({
  name: 'customer',
  domain: 'northwind',
  version: 1,
  events: [CustomerRegistered, CustomerChanged, CustomerRemoved, CustomerImported, CustomerVanished, CustomerRestated],
  evolve,
  restated,
  commands: [registerCustomer, changeCustomer, removeCustomer],
  queries: [getCustomer, listCustomers],
  projections: [customerRows],
  migrations,
  legacy: {
    identity: derivedFrom((state: Customer) => state.code),
    canonicalId: canonicalCode,
    idOf: (row) => row.CustomerID,
    reader: customerReader,
    refsOfRow: () => [],
    importRow,
    importAbsence,
    ports: [customerBackend],
    routes: customerRoutes,
    compare: customerCompare,
  },
});

export type { Customer, CustomerRow };
