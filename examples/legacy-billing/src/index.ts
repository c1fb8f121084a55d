export type { Invoice } from './invoices.js';
export { makeTables } from './schema.js';
export { type Billing, type BillingOptions, startBilling } from './start.js';
