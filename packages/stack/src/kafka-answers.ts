import { createConnection } from 'node:net';

/**
 * True when the broker takes part in its cluster: asked by Kafka's own Metadata request (key 3, version 4), because the port
 * opens seconds before the broker serves. A broker that is starting or fenced is not in the list it answers with.
 */
async function kafkaAnswers(host: string, port: number, timeoutMs = 2_000): Promise<boolean> {
  const answer = await kafkaRequest({ host, port, apiKey: 3, apiVersion: 4, body: NO_TOPICS, timeoutMs });
  // Correlation id, throttle time, then the number of brokers.
  return answer.readInt32BE(8) > 0;
}

/** An empty list of topics, and no wish to create any. */
const NO_TOPICS = Buffer.from([0, 0, 0, 0, 0]);

interface KafkaRequest {
  readonly host: string;
  readonly port: number;
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly body: Buffer;
  readonly timeoutMs: number;
}

/** One request on a connection of its own. The answer begins with the correlation id. */
function kafkaRequest({ host, port, apiKey, apiVersion, body, timeoutMs }: KafkaRequest): Promise<Buffer> {
  const client = Buffer.from('banyan-stack');
  const head = Buffer.alloc(14);
  head.writeInt32BE(10 + client.length + body.length, 0);
  head.writeInt16BE(apiKey, 4);
  head.writeInt16BE(apiVersion, 6);
  head.writeInt32BE(1, 8);
  head.writeInt16BE(client.length, 12);
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const socket = createConnection({ host, port, timeout: timeoutMs });
    const fail = (why: string): void => {
      socket.destroy();
      reject(new Error(`Kafka at ${host}:${port}: ${why}`));
    };
    socket.once('connect', () => socket.write(Buffer.concat([head, client, body])));
    socket.once('timeout', () => fail(`no answer within ${timeoutMs} ms`));
    socket.once('error', (error) => fail(error.message));
    socket.once('close', () => fail('closed the connection'));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 4 || received.length < 4 + received.readInt32BE(0)) return;
      resolve(received.subarray(4));
      socket.destroy();
    });
  });
}

export { kafkaAnswers, kafkaRequest };
