import { setTimeout as delay } from 'node:timers/promises';
import { createPool, query } from '@banyan/postgres';
import { request } from 'undici';
import { callLegacy } from '../legacy-client.js';
import { until } from '../until.js';
import type { World } from '../world.js';

export interface TwoDoorsOptions {
  readonly world: World;
  /** In every key and value that this load writes. */
  readonly name: string;
  /** Begun at both doors together, by the clock and not by the answers. */
  readonly writesPerSecond: number;
  /** Of this many writes of a door one is a new order, the others change one. Default 8. */
  readonly createEvery?: number;
  /** Orders of each door that are changed again and again. Default 60. */
  readonly changed?: number;
  /** Writes that are open at most: beyond it nothing is begun, so that a machine which cannot keep up is not buried. Default: any. */
  readonly mostOpen?: number;
  /** Of this many writes of a door one is what V2 has to refuse. Default: none is. */
  readonly refuseEvery?: number;
  /** Where the doors are. Default: the world's proxy and new API. */
  readonly urls?: Readonly<Record<'legacy' | 'api', string>>;
}

/** What became of the writes, in counts, and what is wrong with them; lists are empty where nothing is. */
export interface Ledger {
  readonly acknowledged: { readonly creates: number; readonly updates: number };
  /** Updates at the new API while legacy held their key. */
  readonly refused: number;
  /** Tries that got no answer, or one that said to ask again. */
  readonly askedAgain: number;
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  /** Keys whose last value is not the one that was acknowledged last. */
  readonly overwritten: readonly string[];
  /** Rows that nobody was acknowledged. */
  readonly unowned: readonly string[];
  /** Rows with something in them that was refused. */
  readonly refusedYetThere: readonly string[];
}

type Fate =
  | { readonly type: 'done'; readonly id: string }
  | { readonly type: 'refused' }
  /** Nobody knows yet; what was said. */
  | { readonly type: 'again'; readonly said: string };

/** One order whose name is changed again and again, one change at a time: whoever reads it sees which was the last. */
interface Counter {
  /** How legacy's row of it is found: its OrderID, or for one born in V2 the id that it carries as its number. */
  readonly row: string;
  busy: boolean;
  count: number;
  last: string | undefined;
  readonly change: (value: string, count: number) => Promise<Fate>;
}

/** What V2 has to refuse is named so: it may be found nowhere. */
const REFUSED = 'refused';
/** Legacy ends each request at 2 s: a "no" of its search counts behind that. */
const LEGACY_LIMIT_MS = 2_200;

/**
 * Careful clients at both doors: those of legacy at the proxy, with PO numbers, and those of the new API, with Idempotency-Keys. A
 * write without an answer is asked for until its fate is known; a legacy client looks for its order before it sends it again.
 */
export class TwoDoors {
  readonly #options: TwoDoorsOptions;
  readonly #createEvery: number;
  readonly #urls: Readonly<Record<'legacy' | 'api', string>>;
  readonly #counters: Record<'legacy' | 'api', Counter[]> = { legacy: [], api: [] };
  /** What legacy's row of a created order carries as its number. */
  readonly #created: string[] = [];
  /** Rows of legacy that no door made. */
  readonly #old = new Set<string>();
  /** How often each order was written with an acknowledgement, by what `Counter.row` says of it. */
  readonly #acts = new Map<string, number>();
  readonly #open = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #begun = 0;
  #updates = 0;
  #refused = 0;
  #toRefuse = 0;
  #askedAgain = 0;
  readonly #said = new Map<string, number>();
  #failure: Error | undefined;

  constructor(options: TwoDoorsOptions) {
    this.#options = options;
    this.#createEvery = options.createEvery ?? 8;
    const { urls } = options.world;
    this.#urls = options.urls ?? { legacy: urls['legacy-api-proxy'], api: urls['new-api'] };
  }

  /** Makes the orders that are changed, and begins. */
  async start(): Promise<void> {
    const { world } = this.#options;
    const rows = await this.#legacyRows();
    this.#counters.legacy = rows.map((row) => this.#legacyCounter(row));
    const places = Array.from({ length: this.#perDoor }, (_, index) => index);
    this.#counters.api = await Promise.all(
      places.map(async (index) => {
        const key = `${this.#options.name}-counter-${index}`;
        const { id } = await untilDone(() => this.#place(key), world);
        this.#isCreated(id);
        return this.#apiCounter(id);
      }),
    );
    this.resume();
  }

  get #perDoor(): number {
    return this.#options.changed ?? 60;
  }

  /** How often each order was written with an acknowledgement: by legacy's OrderID, or by the number that its row carries. */
  get acts(): ReadonlyMap<string, number> {
    return this.#acts;
  }

  /** Legacy got new orders behind Banyan's back; from now on they are changed as the others of its door are, these first. */
  changeToo(rows: readonly LegacyRow[]): void {
    for (const { OrderID } of rows) this.#old.add(String(OrderID));
    this.#counters.legacy.unshift(...rows.map((row) => this.#legacyCounter(row)));
  }

  /** One more order at the new API, under a name that somebody looks for. */
  async place(name: string): Promise<{ readonly id: string; readonly rename: (to: string) => Promise<void> }> {
    const { world } = this.#options;
    const again = (said: string) => this.#again(said);
    const body = { ...PLACED, shipTo: { name } };
    const key = `${this.#options.name}-placed-${this.#begun++}`;
    const { id } = await untilDone(() => this.#apiCall('POST', '/v2/orders', body, key), world, again);
    this.#isCreated(id);
    const rename = async (to: string): Promise<void> => {
      const changed = { ...PLACED, shipTo: { name: to } };
      await untilDone(() => this.#apiCall('PUT', `/v2/orders/${id}`, changed, `${id} ${to}`), world, again);
      this.#acted(id);
    };
    return { id, rename };
  }

  /** OrderIDs of rows that no door made. */
  get old(): ReadonlySet<string> {
    return this.#old;
  }

  /** How many of those that were given to `changeToo` were not changed yet. */
  get untouched(): number {
    return this.#counters.legacy.filter(({ row, last }) => this.#old.has(row) && last === undefined).length;
  }

  /** What was acknowledged, and how often somebody had to ask again, so far. */
  get counts(): Readonly<Record<'creates' | 'updates' | 'askedAgain' | 'refused', number>> {
    return {
      creates: this.#created.length,
      updates: this.#updates,
      askedAgain: this.#askedAgain,
      refused: this.#refused,
    };
  }

  /** Begins writes again, after `stop`. */
  resume(): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#begin(), 1_000 / this.#options.writesPerSecond);
  }

  /** Waits until so many more new orders were acknowledged. */
  async acknowledgeMore(count: number, timeoutMs: number): Promise<void> {
    const goal = this.counts.creates + count;
    const going = async () => {
      if (this.#failure !== undefined) throw this.#failure;
      return this.counts.creates >= goal ? true : undefined;
    };
    await until(`${count} more orders are acknowledged`, going, timeoutMs);
  }

  /** Begins nothing more, and waits until the fate of each write is known. Throws what no client should ever be told. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Looks into legacy's database, past every cache. V2 is compared with it by `verify`. */
  async ledger(): Promise<Ledger> {
    const pool = createPool({ url: this.#options.world.databaseUrls.legacy, applicationName: 'two-doors', max: 1 });
    const rows = await query<{ id: number; number: string | null; name: string | null }>(
      pool,
      'select order_id as id, po_number as number, ship_name as name from orders',
    );
    await pool.end();
    const ofNumber = (number: string) => rows.filter((row) => row.number === number);
    const counters = [...this.#counters.legacy, ...this.#counters.api];
    const nameOf = new Map(
      rows.flatMap(({ id, number, name }) => [[String(id), name] as const, [number, name] as const]),
    );
    const made = new Set(this.#created);
    return {
      acknowledged: { creates: this.#created.length, updates: this.#updates },
      refused: this.#refused,
      askedAgain: this.#askedAgain,
      lost: this.#created.filter((number) => ofNumber(number).length === 0),
      doubled: this.#created.filter((number) => ofNumber(number).length > 1),
      overwritten: counters.flatMap(({ row, last }) => {
        const name = nameOf.get(row);
        return last === undefined || name === last ? [] : [`${row}: ${name} instead of ${last}`];
      }),
      unowned: rows
        .filter(({ id, number }) => id > 11_077 && !made.has(number ?? '') && !this.#old.has(String(id)))
        .map(({ id }) => String(id)),
      refusedYetThere: rows.filter(({ name }) => name?.startsWith(REFUSED)).map(({ id, name }) => `${id}: ${name}`),
    };
  }

  #begin(): void {
    if (this.#open.size >= (this.#options.mostOpen ?? Number.POSITIVE_INFINITY)) return;
    const number = this.#begun++;
    const door = number % 2 === 0 ? 'legacy' : 'api';
    const { refuseEvery } = this.#options;
    if (refuseEvery !== undefined && Math.floor(number / 2) % refuseEvery === refuseEvery - 1) {
      this.#follow(this.#refuse(door));
    } else if (Math.floor(number / 2) % this.#createEvery === 0) this.#follow(this.#create(door, number));
    else {
      const counters = this.#counters[door];
      const start = number % counters.length;
      const inTurn = [...counters.slice(start), ...counters.slice(0, start)].filter(({ busy }) => !busy);
      const idle = inTurn.find(({ row, last }) => this.#old.has(row) && last === undefined) ?? inTurn[0];
      if (idle !== undefined) this.#follow(this.#change(idle));
    }
  }

  #follow(work: Promise<void>): void {
    const open = work
      .catch((error: unknown) => {
        this.#failure ??= error instanceof Error ? error : new Error(String(error));
      })
      .finally(() => this.#open.delete(open));
    this.#open.add(open);
  }

  async #create(door: 'legacy' | 'api', number: number): Promise<void> {
    const key = `${this.#options.name}-${number}`;
    const { world } = this.#options;
    const again = (said: string) => this.#again(said);
    if (door === 'api') {
      this.#isCreated((await untilDone(() => this.#place(key), world, again)).id);
      return;
    }
    let first = true;
    await untilDone(
      async () => {
        if (!first) {
          await delay(LEGACY_LIMIT_MS);
          const found = await this.#lookFor(key);
          if (found !== undefined) return found;
        }
        first = false;
        return this.#legacyCall('POST', '/api/orders', { ...NEW_ORDER, PoNumber: key });
      },
      world,
      again,
    );
    this.#isCreated(key);
  }

  #isCreated(number: string): void {
    this.#created.push(number);
    this.#acted(number);
  }

  #acted(row: string): void {
    this.#acts.set(row, (this.#acts.get(row) ?? 0) + 1);
  }

  /** A change that names a product which nobody has. Who says that it is done is wrong. */
  async #refuse(door: 'legacy' | 'api'): Promise<void> {
    const [counter] = this.#counters[door];
    if (counter === undefined) return;
    const name = `${REFUSED} ${this.#toRefuse++}`;
    const details = [{ ProductID: 9_999, UnitPrice: 1, Quantity: 1, Discount: 0 }];
    const lines = [{ product: { legacyId: '9999' }, quantity: 1 }];
    for (let tries = 0; ; tries += 1) {
      const fate =
        door === 'legacy'
          ? await this.#legacyCall('PUT', `/api/orders/${counter.row}`, {
              ...NEW_ORDER,
              ShipName: name,
              Details: details,
            })
          : await this.#apiCall('PUT', `/v2/orders/${counter.row}`, { ...PLACED, lines, shipTo: { name } }, name);
      if (fate.type === 'done') throw new Unexpected(`${name} was to be refused at ${door}, and was done`);
      if (fate.type === 'refused') {
        this.#refused += 1;
        return;
      }
      this.#again(fate.said);
      await delay(pauseMs(tries));
    }
  }

  async #change(counter: Counter): Promise<void> {
    counter.busy = true;
    counter.count += 1;
    const value = `${this.#options.name} ${counter.count}`;
    for (let tries = 0; ; tries += 1) {
      const fate = await counter.change(value, counter.count);
      if (fate.type === 'again') {
        this.#again(fate.said);
        await delay(pauseMs(tries));
        continue;
      }
      if (fate.type === 'done') {
        counter.last = value;
        this.#updates += 1;
        this.#acted(counter.row);
      } else {
        this.#refused += 1;
      }
      counter.busy = false;
      return;
    }
  }

  #again(said: string): void {
    this.#askedAgain += 1;
    const words = said.replace(/[0-9a-f]{8}-[0-9a-f-]{27}|\d{4,}|"detail":"[^"]*"/g, '…').slice(0, 120);
    this.#said.set(words, (this.#said.get(words) ?? 0) + 1);
  }

  /** Why it was asked again, the commonest first: what a person reads when the counts look odd. */
  get said(): readonly string[] {
    const all = [...this.#said].toSorted(([, one], [, other]) => other - one);
    return all.map(([words, times]) => `${times} × ${words}`);
  }

  #legacyCounter(row: LegacyRow): Counter {
    const path = `/api/orders/${row.OrderID}`;
    return {
      row: String(row.OrderID),
      busy: false,
      count: 0,
      last: undefined,
      change: (ShipName) => this.#legacyCall('PUT', path, { ...row, ShipName }),
    };
  }

  #apiCounter(id: string): Counter {
    return {
      row: id,
      busy: false,
      count: 0,
      last: undefined,
      change: (name, count) =>
        this.#apiCall(
          'PUT',
          `/v2/orders/${id}`,
          { ...PLACED, shipTo: { name } },
          `${id}-${this.#options.name}-${count}`,
        ),
    };
  }

  #place(key: string): Promise<Fate> {
    return this.#apiCall('POST', '/v2/orders', PLACED, key);
  }

  async #legacyCall(method: string, path: string, body: object): Promise<Fate> {
    try {
      const answer = await callLegacy(this.#urls.legacy, method, path, body);
      const status = Number(answer.status.slice(0, 3));
      if (status === 200 || status === 201) return { type: 'done', id: String(JSON.parse(answer.body).OrderID) };
      if (status === 502 || status === 503 || status === 504)
        return { type: 'again', said: `${status} ${answer.body}` };
      if (isRefusal(body)) return { type: 'refused' };
      throw new Unexpected(`${method} ${path}: ${answer.status} ${answer.body}`);
    } catch (error) {
      if (error instanceof Unexpected) throw error;
      return { type: 'again', said: String(error) };
    }
  }

  /** The order of this number; undefined when legacy says that there is none. */
  async #lookFor(number: string): Promise<Fate | undefined> {
    try {
      const { status, body } = await callLegacy(this.#urls.legacy, 'GET', `/api/orders?PoNumber=${number}`);
      if (!status.startsWith('200')) return { type: 'again', said: `${status} ${body}` };
      const [found] = JSON.parse(body) as LegacyRow[];
      return found === undefined ? undefined : { type: 'done', id: String(found.OrderID) };
    } catch (error) {
      return { type: 'again', said: String(error) };
    }
  }

  async #apiCall(method: 'POST' | 'PUT', path: string, body: object, key: string): Promise<Fate> {
    try {
      const answer = await request(this.#urls.api + path, {
        method,
        headers: { 'content-type': 'application/json', 'idempotency-key': key.replaceAll(' ', '-') },
        body: JSON.stringify(body),
        headersTimeout: 15_000,
      });
      const said = (await answer.body.json()) as { id?: string; code?: string };
      if (answer.statusCode === 200 || answer.statusCode === 201) return { type: 'done', id: said.id ?? '' };
      if (said.code === 'ENTITY_HELD_BY_LEGACY') return { type: 'refused' };
      if ([202, 409, 503].includes(answer.statusCode)) {
        return { type: 'again', said: `${answer.statusCode} ${JSON.stringify(said)}` };
      }
      if (answer.statusCode === 422 && isRefusal(body)) return { type: 'refused' };
      throw new Unexpected(`${method} ${path}: ${answer.statusCode} ${JSON.stringify(said)}`);
    } catch (error) {
      if (error instanceof Unexpected) throw error;
      return { type: 'again', said: String(error) };
    }
  }

  async #legacyRows(): Promise<readonly LegacyRow[]> {
    const { body } = await callLegacy(this.#options.world.urls.legacy, 'GET', `/api/orders?size=${this.#perDoor}`);
    return JSON.parse(body) as LegacyRow[];
  }
}

/** A row as legacy answers it. */
export interface LegacyRow {
  readonly OrderID: number;
}

function isRefusal(body: object): boolean {
  return JSON.stringify(body).includes(`"${REFUSED} `);
}

/** An answer that no careful client should get. */
class Unexpected extends Error {}

export const NEW_ORDER = {
  CustomerID: 'BERGS',
  Details: [{ ProductID: 11, UnitPrice: 14, Quantity: 3, Discount: 0 }],
};
const PLACED = { customer: { legacyId: 'ALFKI' }, lines: [{ product: { legacyId: '11' }, quantity: 1 }] };
const PATIENCE_MS = 120_000;

/** As careful clients do: a system that is behind must not get more of the same. */
function pauseMs(tries: number): number {
  return Math.min(200 * 2 ** tries, 2_000);
}

async function untilDone(
  attempt: () => Promise<Fate>,
  { topicPrefix }: World,
  onAgain: (said: string) => void = () => undefined,
): Promise<{ readonly id: string }> {
  const end = performance.now() + PATIENCE_MS;
  let said = 'nothing';
  for (let tries = 0; performance.now() < end; tries += 1) {
    const fate = await attempt();
    if (fate.type === 'done') return fate;
    if (fate.type === 'refused')
      throw new Unexpected(`a creation in ${topicPrefix} was refused: legacy holds a key that is new`);
    said = fate.said;
    onAgain(said);
    await delay(pauseMs(tries));
  }
  throw new Unexpected(`a creation in ${topicPrefix} was not acknowledged in ${PATIENCE_MS} ms; last: ${said}`);
}
