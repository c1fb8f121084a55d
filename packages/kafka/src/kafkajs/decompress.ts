import { lookupCodecByAttributes } from './internals.js';

/** @param codec its code, 1 to 4 */
export async function decompress(codec: number, bytes: Buffer): Promise<Buffer> {
  const known = lookupCodecByAttributes(codec);
  if (known === null) throw new RangeError(`records are compressed by codec ${codec}, which nobody knows`);
  return known.decompress(bytes);
}
