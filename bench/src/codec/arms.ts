import { createCodec } from '@banyan/contracts';
import { OrderPlaced } from '@banyan/contracts/events/northwind.order.v1';
import { writtenEarlier } from '../baselines/earlier-writer.js';
import type { Arm } from '../harness/arm.js';
import { type CodecInput, measureCodec } from './measure-codec.js';
import { EARLIER_SCHEMA } from './orders.js';
import { serveSchemas } from './schema-server.js';

/** In the order in which the server has them. */
const EARLIER_ID = 2;

/** packages/contracts' codec as the apps use it: with every fault of the data looked for, and a message bound. */
export const ours: Arm<CodecInput> = async (input, { begin }) => {
  const server = await serveSchemas(OrderPlaced.name, [OrderPlaced.schema, EARLIER_SCHEMA]);
  const codec = createCodec({ registryUrl: server.url, types: [OrderPlaced] });
  await codec.prepare();
  begin();
  const measured = await measureCodec(
    'ours',
    {
      encode: (data) => codec.encode(OrderPlaced.name, data),
      decode: (value) => codec.decode(OrderPlaced.name, value),
      // Not by a second codec: an app has one, and what is compiled for it is compiled for that one.
      encodeEarlier: (data) => writtenEarlier(EARLIER_ID, data),
      decodeEarlier: (value) => codec.decode(OrderPlaced.name, value),
      resolves: true,
    },
    input,
  );
  server.close();
  return measured;
};

/** JSON as one sends it: text in UTF-8, nothing checked, nothing made of what an earlier writer left out. */
export const json: Arm<CodecInput> = async (input, { begin }) => {
  const encode = (data: unknown): Buffer => Buffer.from(JSON.stringify(data));
  const decode = (value: Buffer): unknown => JSON.parse(value.toString());
  begin();
  return measureCodec('json', { encode, decode, encodeEarlier: encode, decodeEarlier: decode, resolves: false }, input);
};
