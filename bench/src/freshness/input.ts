/** What the bare pair of producer and consumer is given. */
export interface BarePairInput {
  readonly brokers: string;
  readonly topic: string;
  readonly group: string;
  readonly perSecond: number;
  readonly warmUp: number;
  readonly events: number;
}
