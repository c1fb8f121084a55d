import type { Keys } from '../parcels/data-set.js';

/** What an arm of the projector's bench is given. */
export interface ProjectorInput {
  readonly brokers: string;
  readonly schemaRegistryUrl: string;
  readonly databaseUrl: string;
  /** Before topics and groups. */
  readonly prefix: string;
  readonly topic: string;
  /** New for each run. */
  readonly group: string;
  /** Events in the topic; the arm ends when it has all of them in its table. */
  readonly events: number;
  /** What the topic was made of, for the arm that has no topic. */
  readonly kind: Keys;
  readonly keys: number;
}
