import { kafkaRequest } from '../kafka-answers.js';

const [METADATA, CREATE_TOPICS] = [3, 19];

/** Just enough of Kafka's protocol to make a topic and look for it: this package's own check, without a client. */
async function createTopic(broker: string, name: string, partitions: number): Promise<void> {
  const body = Buffer.concat([
    int32(1),
    text(name),
    int32(partitions),
    int16(1),
    int32(0), // assignments
    int32(0), // settings
    int32(10_000), // time-out
    Buffer.from([0]), // not only a check
  ]);
  const answer = await kafkaRequest({
    ...place(broker),
    apiKey: CREATE_TOPICS,
    apiVersion: 2,
    body,
    timeoutMs: 15_000,
  });
  const reader = new Reader(answer);
  reader.int32(); // correlation id
  reader.int32(); // throttle time
  reader.int32(); // one topic
  reader.text();
  const error = reader.int16();
  if (error !== 0) throw new Error(`Kafka error ${error} for topic ${name}`);
}

/** The number of partitions with a leader, 0 when there is no such topic. Asks as a client does that would have it created. */
async function leadersOf(broker: string, name: string): Promise<number> {
  const body = Buffer.concat([int32(1), text(name), Buffer.from([1])]);
  const answer = await kafkaRequest({ ...place(broker), apiKey: METADATA, apiVersion: 4, body, timeoutMs: 30_000 });
  const reader = new Reader(answer);
  reader.int32(); // correlation id
  reader.int32(); // throttle time
  reader.list(() => {
    reader.int32();
    reader.text();
    reader.int32();
    reader.text();
  });
  reader.text(); // cluster
  reader.int32(); // controller
  const [topic] = reader.list(() => {
    reader.int16();
    reader.text();
    reader.int8();
    return reader.list(() => {
      reader.int16();
      reader.int32();
      const leader = reader.int32();
      reader.list(() => reader.int32());
      reader.list(() => reader.int32());
      return leader;
    });
  });
  return (topic ?? []).filter((leader) => leader >= 0).length;
}

function place(broker: string): { host: string; port: number } {
  const [host = '', port] = broker.split(':');
  return { host, port: Number(port) };
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}

function int16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeInt16BE(value);
  return buffer;
}

function text(value: string): Buffer {
  return Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)]);
}

class Reader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  int8(): number {
    return this.#buffer.readInt8(this.#forward(1));
  }

  int16(): number {
    return this.#buffer.readInt16BE(this.#forward(2));
  }

  int32(): number {
    return this.#buffer.readInt32BE(this.#forward(4));
  }

  text(): string | undefined {
    const length = this.int16();
    if (length < 0) return undefined;
    const start = this.#forward(length);
    return this.#buffer.toString('utf8', start, start + length);
  }

  list<T>(item: () => T): T[] {
    const count = this.int32();
    return Array.from({ length: count }, item);
  }

  #forward(bytes: number): number {
    const at = this.#at;
    this.#at += bytes;
    return at;
  }
}

export { createTopic, leadersOf };
