import { MAX_MESSAGE_BYTES } from './wire-format.js';

/** Writes one message into `buffer` from `at`; answers where it ends, or minus the bytes that lack room. */
export type WriteMessage = (buffer: Buffer, at: number) => number;

const SLAB_BYTES = 64 * 1024;
/** With less left a new slab is begun: a message that turns out not to fit is written twice, and looked at more closely. */
const ROOM_BYTES = 4 * 1024;

/**
 * Cuts messages from a slab instead of asking for memory twice per message. A message is never written to again: the slab
 * is left behind when it is full and lives as long as any message of it.
 * @returns undefined where the message is larger than MAX_MESSAGE_BYTES
 */
export function createWriter(): (write: WriteMessage) => Buffer | undefined {
  let slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  let at = 0;
  return (write) => {
    if (slab.length - at < ROOM_BYTES) {
      slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
      at = 0;
    }
    let end = write(slab, at);
    if (end < 0) {
      const bytes = slab.length - at - end;
      if (bytes > MAX_MESSAGE_BYTES) return undefined;
      slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, bytes));
      at = 0;
      end = write(slab, at);
    }
    const message = slab.subarray(at, end);
    at = end;
    return message;
  };
}
