/** Kafka's numbers of variable length: zigzag, so that small negative ones are short too, and seven bits a byte, the lowest first. */

/** @param value of 32 bits @returns where it ends */
export function writeVarint(buffer: Buffer, begin: number, value: number): number {
  let at = begin;
  let rest = zigzag(value);
  for (; rest > 127; rest >>>= 7) buffer[at++] = (rest & 127) | 128;
  buffer[at++] = rest;
  return at;
}

export function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = zigzag(value); rest > 127; rest >>>= 7) bytes += 1;
  return bytes;
}

function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}

/** Bytes with numbers in them, read from front to back. */
export class VarintReader {
  at = 0;
  protected readonly buffer: Buffer;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  /** A varint or varlong; exact up to 2^53. */
  number(): number {
    const bytes = this.buffer;
    let byte = bytes[this.at++] as number;
    let value = byte & 0x7f;
    for (let factor = 0x80; byte >= 0x80; factor *= 0x80) {
      byte = bytes[this.at++] as number;
      value += (byte & 0x7f) * factor;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
