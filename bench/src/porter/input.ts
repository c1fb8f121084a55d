/** What the baseline of the porter's bench is given. */
export interface PorterInput {
  readonly brokers: string;
  readonly legacyUrl: string;
  readonly topic: string;
  /** New for each run. */
  readonly group: string;
}
