/** The Confluent wire format: a zero, the schema's id as a big-endian int32, Avro. */
export const HEADER_BYTES = 5;

/** Largest value of a record, header included. Below a broker's default of 1 MiB per batch, so that headers fit beside it. */
export const MAX_MESSAGE_BYTES = 1_000_000;

/** Writes the header; answers where Avro begins. The buffer must have room. */
export function frame(buffer: Buffer, at: number, id: number): number {
  buffer[at] = 0;
  buffer[at + 1] = id >>> 24;
  buffer[at + 2] = id >>> 16;
  buffer[at + 3] = id >>> 8;
  buffer[at + 4] = id;
  return at + HEADER_BYTES;
}

/** Takes a value apart, or tells what is wrong with it. */
export function unframe(
  value: Buffer | null,
): { readonly id: number; readonly body: Buffer } | { readonly fault: string } {
  if (value === null) return { fault: 'there is none' };
  if (value.length < HEADER_BYTES) return { fault: `${value.length} bytes are too short for a header` };
  if (value.length > MAX_MESSAGE_BYTES) return { fault: `${value.length} bytes, above ${MAX_MESSAGE_BYTES}` };
  if (value[0] !== 0)
    return { fault: `it begins with ${value[0]} instead of 0, so it is not in the Confluent wire format` };
  return { id: value.readInt32BE(1), body: value.subarray(HEADER_BYTES) };
}
