import { OrderPlaced } from '@banyan/contracts/events/northwind.order.v1';
import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import avro from 'avsc';
import { type CodecInput, measureCodec } from '../codec/measure-codec.js';
import { EARLIER_SCHEMA } from '../codec/orders.js';
import { serveSchemas } from '../codec/schema-server.js';
import type { Arm } from '../harness/arm.js';

/** The client that one takes for Kafka and a registry, as its pages show it. */
export const registryClient: Arm<CodecInput> = async (input, { begin }) => {
  const server = await serveSchemas(OrderPlaced.name, [OrderPlaced.schema, EARLIER_SCHEMA]);
  const registry = new SchemaRegistry({ host: server.url });
  // Compiled once and given as a compiled type, or it would be compiled again for each message.
  const readerSchema = avro.Type.forSchema(OrderPlaced.schema as avro.Schema);
  begin();
  const measured = await measureCodec(
    'registry client',
    {
      encode: (data) => registry.encode(1, data),
      decode: (value) => registry.decode(value),
      encodeEarlier: (data) => registry.encode(2, data),
      decodeEarlier: (value) => registry.decode(value, { [SchemaType.AVRO]: { readerSchema: readerSchema as never } }),
      resolves: true,
    },
    input,
  );
  server.close();
  return measured;
};
