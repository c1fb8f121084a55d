/** Kafka's record batches of version 2: where the fields of a batch's head begin. The checksum is of all from the attributes on. */
export const AT = {
  firstOffset: 0,
  /** Of what comes behind it. */
  length: 8,
  magic: 16,
  checksum: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  firstTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  firstSequence: 53,
  count: 57,
  records: 61,
} as const;

/** First offset and length: what the length does not count. */
export const LENGTH_END = 12;
export const MAGIC = 2;

/** Bits of the attributes. */
export const CODEC = 0x07;
export const LOG_APPEND_TIME = 0x08;
export const TRANSACTIONAL = 0x10;
export const CONTROL = 0x20;

/** Of the codecs the one that batches are written with. */
export const ZSTD = 4;
