import avro from 'avsc';
import { EARLIER_SCHEMA } from '../codec/orders.js';

const type = avro.Type.forSchema(EARLIER_SCHEMA as avro.Schema);

/** What a writer with the earlier schema left in the log. @param id of that schema in the registry */
export function writtenEarlier(id: number, data: unknown): Buffer {
  const header = Buffer.alloc(5);
  header.writeInt32BE(id, 1);
  return Buffer.concat([header, type.toBuffer(data)]);
}
