/** Northwind's only currency; legacy has no column for it. */
export const CURRENCY = 'USD';
