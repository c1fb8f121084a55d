import { request } from 'undici';

export interface PlacedOrder {
  readonly idempotencyKey: string;
  readonly id: string;
  readonly version: number;
}

export interface OrderLoadOptions {
  readonly newApiUrl: string;
  readonly count: number;
  readonly concurrency: number;
  /** Unique per load: part of every Idempotency-Key. */
  readonly name: string;
  /** Called after each acknowledgement with the number so far. */
  onAcknowledged?(acknowledged: number): void;
  readonly timeoutMs: number;
}

/**
 * A careful client: each order has its Idempotency-Key and is asked again, with the same key and body, until the API acknowledges it with 200
 * or 201. Whatever is killed meanwhile, it ends with exactly `count` acknowledged orders, or it throws.
 */
export async function placeOrders(options: OrderLoadOptions): Promise<readonly PlacedOrder[]> {
  const placed: PlacedOrder[] = [];
  let next = 0;
  const worker = async () => {
    while (next < options.count) {
      const number = next++;
      placed.push(await placeOne(options, number));
      options.onAcknowledged?.(placed.length);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, worker));
  return placed;
}

async function placeOne(options: OrderLoadOptions, number: number): Promise<PlacedOrder> {
  const idempotencyKey = `${options.name}-${number}`;
  const end = performance.now() + options.timeoutMs;
  let last = 'no answer';
  while (performance.now() < end) {
    try {
      const answer = await request(`${options.newApiUrl}/v2/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
        body: JSON.stringify(orderBody(number)),
        headersTimeout: 30_000,
      });
      const text = await answer.body.text();
      if (answer.statusCode === 201 || answer.statusCode === 200) {
        const { id, version } = JSON.parse(text) as { id: string; version: number };
        return { idempotencyKey, id, version };
      }
      last = `HTTP ${answer.statusCode} ${text}`;
      // 202, 409 (a twin in flight) and 503 say: ask again. Anything else will not change.
      if (![202, 409, 503].includes(answer.statusCode)) throw new Error(`order ${number}: ${last}`);
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('order ')) throw error;
      last = String(error);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`order ${number} was not acknowledged in ${options.timeoutMs} ms; last: ${last}`);
}

function orderBody(number: number): object {
  return {
    customer: { legacyId: ['ALFKI', 'ANATR', 'ANTON', 'AROUT', 'BERGS'][number % 5] },
    lines: [
      { product: { legacyId: String(1 + (number % 7)) }, quantity: 1 + (number % 9) },
      { product: { legacyId: String(11 + (number % 5)) }, quantity: 2 },
    ],
  };
}
