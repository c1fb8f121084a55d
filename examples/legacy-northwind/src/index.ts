export type { FaultSettings } from './faults.js';
export { loadNorthwind, type TableName } from './load.js';
export type { RequestCount } from './request-book.js';
export type { CustomerRow, OrderDetailRow, OrderRow, ProductRow } from './rows.js';
export { type Legacy, type LegacyOptions, startLegacy } from './start.js';
