import { Transform } from 'node:stream';

/** A frame of Kafka's protocol begins with its length. */
const LENGTH_BYTES = 4;

/**
 * A stream of bytes, frame by frame, wherever TCP has cut it. `onFrame` gets a whole frame, its length included, and passes on what it
 * likes; the next frame waits until it resolves.
 */
export function framesInto(onFrame: (frame: Buffer, pass: (bytes: Buffer) => void) => Promise<void>): Transform {
  let rest: Buffer = Buffer.alloc(0);
  const stream: Transform = new Transform({
    transform: (chunk: Buffer, _, done) => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const forward = async () => {
        while (rest.length >= LENGTH_BYTES) {
          const size = LENGTH_BYTES + rest.readInt32BE(0);
          if (rest.length < size) return;
          const frame = rest.subarray(0, size);
          rest = rest.subarray(size);
          await onFrame(frame, (bytes) => stream.push(bytes));
        }
      };
      forward().then(() => done(), done);
    },
  });
  return stream;
}
