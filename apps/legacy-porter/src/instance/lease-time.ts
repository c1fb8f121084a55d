/** How long a holder may write after it last showed itself, milliseconds. */
export const LEASE_MS = 5_000;

/** Others count it dead or cut off, and free what it has only claimed, only behind this: two leases. */
export const SILENT_MS = 2 * LEASE_MS;
