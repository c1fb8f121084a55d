import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import kafkajs, { type Kafka } from 'kafkajs';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** kafkajs as it comes, but for zstd, which it leaves to its user. */
export function kafkaOf(brokers: string): Kafka {
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD] = () => ({
    compress: (encoder: { buffer: Buffer }) => compress(encoder.buffer),
    decompress: (buffer: Buffer) => decompress(buffer),
  });
  return new kafkajs.Kafka({ brokers: brokers.split(','), clientId: 'baseline', logLevel: kafkajs.logLevel.ERROR });
}
