/** An Avro record that stands for one kind of event; made by the generator, one constant per `.avsc`. */
export interface EventType<D = unknown> {
  /** Avro full name, subject and `ce_type`: `northwind.order.v1.OrderPlaced`. */
  readonly name: string;
  /** The parsed `.avsc`. */
  readonly schema: object;
  /** Phantom: carries the TypeScript type of the data; never set. */
  readonly data?: D;
}

/** An event as code handles it: which type, and its data. */
export interface DomainEvent<N extends string = string, D = unknown> {
  readonly type: N;
  readonly data: D;
}
