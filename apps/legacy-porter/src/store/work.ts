import type { PortOperation } from '@banyan/transformer';

export type SendOperation = Exclude<PortOperation, 'nothing'>;

/** Why a send is one of a re-port: it was made for it, or was due already when the re-port came to its key. */
export type OfRePort = 'added' | 'joined';

/** What identifies a send: one version of a key, for one port. */
export interface WorkId {
  /** Entity and port: `order.backend`. */
  readonly consumer: string;
  readonly key: string;
  readonly version: number;
}

/** A send that is due. */
export interface Work extends WorkId {
  readonly eventId: string;
  readonly eventType: string;
  readonly operation: SendOperation;
  /** The entity's state after the event; undefined where the event leaves none. */
  readonly document: unknown;
  readonly stateHash: string | undefined;
  /** Attempts that failed so far. */
  readonly attempts: number;
  /** Which claim of it this is: a later one is another, also by the same holder. */
  readonly claim: string;
  readonly trace: Trace;
  /** The whole state is sent once more; undefined = what its event asks for. */
  readonly rePort?: OfRePort | undefined;
}

/** What a receipt passes on of the event it is about. */
export interface Trace {
  readonly correlationId?: string;
  readonly traceparent?: string;
  readonly hops?: number;
}

/** A journalled send. */
export interface Intent {
  readonly attempt: number;
  /** Some attempt may have reached legacy. */
  readonly mayHaveArrived: boolean;
  /** No attempt can be executed any more. */
  readonly settled: boolean;
  /** Milliseconds until then; 0 = settled. */
  readonly settledInMs: number;
  readonly highWaterMark: string | null;
  /** The row as it was sent; null for a delete. */
  readonly row: Record<string, unknown> | null;
}

/** Who holds a claim. */
export interface Holder {
  readonly name: string;
  readonly incarnation: number;
}
