import { isDeepStrictEqual } from 'node:util';
import { request } from 'undici';
import type { CliResult, World } from '../world.js';
import { type Checks, until } from './checks.js';
import { callLegacy } from './legacy-client.js';

/** By name: a team adds its own entities and keeps the demo. */
const MOVED = ['customer', 'product', 'order'];

/** Rows of these in Northwind as Microsoft shipped it: 91 customers, 77 products, 830 orders. */
const SOURCE_ROWS = 91 + 77 + 830;

export interface Storyteller {
  readonly world: World;
  readonly checks: Checks;
  chapter(title: string): void;
  say(line: string): void;
}

/** The migration so far, told by real calls to real parts. Every sentence is a check. */
export async function tellStory(teller: Storyteller): Promise<void> {
  await nothingChangesForLegacyClients(teller);
  const order = await anOrderGoesRound(teller);
  await oldDataMovesOnce(teller);
  await bothSidesAreEqual(teller);
  await theOrderCanBeTraced(teller, order);
}

async function nothingChangesForLegacyClients({ world, checks, chapter }: Storyteller): Promise<void> {
  chapter('A legacy client that now goes through the proxy gets what it gets directly');
  const calls: [string, string, unknown?][] = [
    ['GET', '/api/customers?page=1&size=100'],
    ['GET', '/api/products?page=1&size=100'],
    ['GET', '/api/orders?page=3&size=50'],
    ['GET', '/api/orders/10248'],
    ['GET', '/api/orders?PoNumber=nobody'],
    ['GET', '/api/suppliers'],
    ['GET', '/api/orders/99'],
    ['GET', '/no/such/page'],
    ['POST', '/api/orders', { CustomerID: 'NOONE' }],
  ];
  for (const [method, path, body] of calls) {
    const direct = await callLegacy(world.urls.legacy, method, path, body);
    const through = await callLegacy(world.urls['legacy-api-proxy'], method, path, body);
    const same = isDeepStrictEqual(through, direct);
    const found = `${direct.status}, ${direct.headers.length} headers, ${direct.body.length} bytes`;
    checks.that(
      `${method} ${path}: the same bytes`,
      same,
      same ? found : `directly ${JSON.stringify(direct)}, through the proxy ${JSON.stringify(through)}`,
    );
  }
}

interface PlacedOrder {
  readonly id: string;
  readonly legacyId: string;
}

async function anOrderGoesRound({ world, checks, chapter, say }: Storyteller): Promise<PlacedOrder> {
  chapter('An order is placed at the new API');
  const answer = await request(`${world.urls['new-api']}/v2/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'demo-first-order' },
    body: JSON.stringify({
      customer: { legacyId: 'ALFKI' },
      lines: [
        { product: { legacyId: '11' }, quantity: 2 },
        { product: { legacyId: '42' }, quantity: 5, discountBasisPoints: 500 },
      ],
    }),
  });
  const placed = (await answer.body.json()) as { id: string; version: number; lines: unknown[] };
  checks.equal('the new API takes it', answer.statusCode, 201);
  say(`  order ${placed.id}, version ${placed.version}; customer and products were adopted from legacy on the way`);

  const inV2 = await getV2(world, `/v2/orders/${placed.id}`);
  checks.equal('it is in V2, with both lines', [inV2.status, inV2.body.lines?.length], [200, 2]);
  const customers = await getV2(world, '/v2/customers?legacyId=ALFKI');
  checks.equal('its customer is in V2 too', customers.status, 200);

  chapter('… and the porter carries it to legacy');
  const legacyId = await until('the order has a legacy id', async () => {
    const { body } = await getV2(world, `/v2/orders/${placed.id}`);
    return body.legacyId ?? undefined;
  });
  const row = JSON.parse((await callLegacy(world.urls.legacy, 'GET', `/api/orders/${legacyId}`)).body) as LegacyOrder;
  checks.that('legacy gave it an OrderID of its own', row.OrderID > 11_077, `OrderID ${row.OrderID}`);
  checks.equal(
    'legacy holds the same lines',
    row.Details.map(({ ProductID, Quantity, Discount }) => [ProductID, Quantity, Discount]),
    [
      [11, 2, 0],
      [42, 5, 0.05],
    ],
  );
  const again = JSON.parse(
    (await callLegacy(world.urls.legacy, 'GET', `/api/orders?PoNumber=${placed.id}`)).body,
  ) as unknown[];
  checks.equal('it is there once', again.length, 1);
  return { id: placed.id, legacyId };
}

async function oldDataMovesOnce({ world, checks, chapter, say }: Storyteller): Promise<void> {
  chapter('The old data is planned …');
  const plan = json<Plan>(await world.banyan('backfill', 'plan', ...MOVED, '--json'));
  say(`  plan ${plan.hash}`);
  for (const one of plan.entities) {
    say(`  ${one.entity}: ${one.sourceRows} rows, ${one.invalid.length} cannot be mapped`);
  }
  checks.equal(
    'the plan sees every source row and the one just born',
    sum(plan.entities, ({ sourceRows }) => sourceRows),
    SOURCE_ROWS + 1,
  );

  chapter('… moved …');
  const first = json<Run>(await world.banyan('backfill', 'run', '--plan', plan.hash, '--json'));
  sayBooks(first, say);
  checks.equal('the books balance', first.done, true);
  checks.equal(
    'every row is accounted for',
    sum(first.books, ({ sourceRows }) => sourceRows),
    SOURCE_ROWS + 1,
  );
  checks.equal(
    'the order born in V2 was left alone',
    sum(first.books, ({ buckets }) => buckets['already-new']),
    1,
  );

  chapter('… and a second run changes nothing');
  const second = json<Run>(await world.banyan('backfill', 'run', '--plan', plan.hash, '--json'));
  sayBooks(second, say);
  checks.equal(
    'the second run imports nothing',
    sum(second.books, ({ buckets }) => buckets.imported),
    0,
  );
  checks.equal('and its books balance', second.done, true);
}

async function bothSidesAreEqual({ world, checks, chapter }: Storyteller): Promise<void> {
  chapter('Legacy and V2 are compared, row by row');
  const result = await world.banyan('verify', ...MOVED, '--json');
  const verdict = json<Verdict>(result);
  for (const one of verdict.entities) {
    checks.equal(`${one.entity}: ${one.compared} rows compared, differences`, one.differences.slice(0, 3), []);
  }
  checks.equal('verify says', verdict.verdict, 'identical');
  checks.equal(
    'and compared every row',
    sum(verdict.entities, ({ compared }) => compared),
    SOURCE_ROWS + 1,
  );
}

async function theOrderCanBeTraced({ world, checks, chapter }: Storyteller, order: PlacedOrder): Promise<void> {
  chapter('What happened to one order can be told');
  const trace = json<Trace>(await world.banyan('trace', 'order', order.id, '--json'));
  checks.equal(
    'one event took effect',
    trace.events.map(({ outcome }) => outcome).filter((one) => one === 'effective').length,
    1,
  );
  checks.equal('it is linked', trace.legacyId, order.legacyId);
  const status = json<{ quiet: boolean }>(await world.banyan('status', '--json'));
  checks.equal('nothing lags, waits or is parked', status.quiet, true);
}

interface V2Answer {
  readonly status: number;
  readonly body: { readonly legacyId?: string | null; readonly lines?: unknown[] };
}

async function getV2(world: World, path: string): Promise<V2Answer> {
  const answer = await request(world.urls['new-api'] + path);
  return { status: answer.statusCode, body: (await answer.body.json()) as V2Answer['body'] };
}

interface LegacyOrder {
  readonly OrderID: number;
  readonly Details: readonly { readonly ProductID: number; readonly Quantity: number; readonly Discount: number }[];
}

interface Plan {
  readonly hash: string;
  readonly entities: readonly { readonly entity: string; readonly sourceRows: number; readonly invalid: unknown[] }[];
}

interface Run {
  readonly done: boolean;
  readonly books: readonly {
    readonly entity: string;
    readonly sourceRows: number;
    readonly buckets: Readonly<Record<string, number>>;
  }[];
}

interface Verdict {
  readonly verdict: string;
  readonly entities: readonly { readonly entity: string; readonly compared: number; readonly differences: unknown[] }[];
}

interface Trace {
  readonly legacyId: string | null;
  readonly events: readonly { readonly outcome: string }[];
}

function json<T>(result: CliResult): T {
  try {
    return JSON.parse(result.stdout) as T;
  } catch {
    throw new Error(`banyan ended with ${result.code}: ${result.stderr.trim() || result.stdout.trim()}`);
  }
}

function sum<T>(all: readonly T[], value: (one: T) => number | undefined): number {
  return all.reduce((total, one) => total + (value(one) ?? 0), 0);
}

function sayBooks(run: Run, say: (line: string) => void): void {
  for (const { entity, sourceRows, buckets } of run.books) {
    const parts = Object.entries(buckets).map(([name, count]) => `${count} ${name}`);
    say(`  ${entity}: ${sourceRows} source rows = ${parts.join(' + ')}`);
  }
}
