/** What an arm of the porter's bench is given. */
export interface PorterInput {
  readonly brokers: string;
  readonly schemaRegistryUrl: string;
  readonly databaseUrl: string;
  readonly legacyUrl: string;
  /** Before topics and groups. */
  readonly prefix: string;
  readonly topic: string;
  /** New for each run. */
  readonly group: string;
  readonly concurrency: number;
}
