import type { DiscardSendOrder, DoubtOrder } from '@banyan/legacy-porter/testing';
import type { Replayed } from '@banyan/sink';
import type { Process } from './process.js';

/** A process of a consumer, and what people can ask of it: `banyan parked replay`, `discard` and `settle`. */
export interface Asked {
  readonly process: Process;
  /** `sends`: how many of its sends stood, at the porter. */
  replay(key: string): Promise<Replayed & { readonly sends?: number }>;
  discard(order: DiscardSendOrder): Promise<unknown>;
  /** Of the porter alone. */
  settle?(order: DoubtOrder): Promise<void>;
}
