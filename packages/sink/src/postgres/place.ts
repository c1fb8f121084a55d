/** Whose rows: the schema that the sink's tables are in, and the consumer within it. */
export interface SinkPlace {
  readonly schema: string;
  readonly consumer: string;
}
