import type { Liveness } from './key-state.js';

export const NATIVE_ORIGINS = ['api', 'repair'] as const;
export const IMPORT_ORIGINS = ['backfill', 'refresh', 'adoption', 'capture', 'cdc'] as const;
export type NativeOrigin = (typeof NATIVE_ORIGINS)[number];
export type ImportOrigin = (typeof IMPORT_ORIGINS)[number];
export type Origin = NativeOrigin | ImportOrigin;

/**
 * What the fold reads. A field is undefined where the record's header is missing or malformed: such an event is `invalid`,
 * never an exception, since one bad record must not stop a partition.
 */
export interface EventHeaders {
  /** The record's key: the entity id. */
  readonly key: string;
  readonly id: string | undefined;
  readonly origin: Origin | undefined;
  /** The version the decision, or the read of legacy, was made on; 0 = never seen. */
  readonly expectedVersion: number | undefined;
  readonly epoch: number | undefined;
  /** What the event leaves. */
  readonly liveness: Liveness | undefined;
  /** Imports only: hash of the canonical legacy row. */
  readonly contentHash: string | undefined;
}

export function isNativeOrigin(origin: string): origin is NativeOrigin {
  return (NATIVE_ORIGINS as readonly string[]).includes(origin);
}

export function isImportOrigin(origin: string): origin is ImportOrigin {
  return (IMPORT_ORIGINS as readonly string[]).includes(origin);
}
