import type { Random } from '@banyan/core/testing';
import type { LegacyAnswer, LegacyApi, SendOptions } from '@banyan/legacy';
import { InMemoryLegacy } from '@banyan/legacy/testing';
import type { HttpRequest } from '@banyan/transformer';
import type { Scheduler } from '../platform/scheduler.js';
import type { DeployedCode } from './deployed-code.js';
import type { Happenings } from './happenings.js';
import { NOTES, type NoteRow, SETTLE_AFTER_MS, withWord } from './note.js';
import type { Process } from './process.js';
import { within } from './waiting.js';
import type { Weather } from './weather.js';

/** The client of a request gives up after this; legacy may go on with it. Milliseconds. */
const REQUEST_MS = 2_000;
/** Part of the creates whose answer is lost beside, in bad weather, where somebody ends doubts. */
const DOUBTED = 0.15;
const IN_WORDS = {
  refused: 'legacy refused the connection',
  throttled: 'legacy throttled',
  failed: 'legacy failed',
  'lost-before': 'request to legacy lost',
  'lost-behind': 'answer of legacy lost',
} as const;
const never = () => new Promise<never>(() => undefined);

interface Around {
  readonly scheduler: Scheduler;
  readonly weather: Weather;
  readonly random: Random;
  readonly code: DeployedCode;
  readonly happenings: Happenings;
  readonly isRepaired: boolean;
}

/** The legacy system: its table, its own clients, and the network in front of it. */
export class Legacy {
  /** Whether it compares by If-Match. */
  readonly etags: boolean;
  readonly #inner: InMemoryLegacy;
  readonly #around: Around;

  constructor(around: Around, etags: boolean) {
    this.etags = etags;
    this.#inner = new InMemoryLegacy().addTable(NOTES, 'NoteID', { assigned: true, etags });
    this.#around = around;
  }

  rows(): readonly NoteRow[] {
    return this.#inner.rows(NOTES) as readonly NoteRow[];
  }

  /** All ids that it has assigned. */
  idsEver(): readonly string[] {
    return Array.from({ length: this.#inner.nextId - 1 }, (_, index) => String(index + 1));
  }

  /** What somebody writes into it. */
  put(row: NoteRow): void {
    this.#inner.put(NOTES, row);
  }

  /** What legacy's own code does in one transaction. */
  insert(word: string): string {
    const id = this.#inner.nextId;
    this.#inner.put(NOTES, { NoteID: id, Text: word, Stamp: null });
    return String(id);
  }

  extend(id: string, word: string): boolean {
    const row = this.rows().find(({ NoteID }) => String(NoteID) === id);
    if (row === undefined) return false;
    this.#inner.put(NOTES, { ...row, Text: withWord(row.Text, word) });
    return true;
  }

  remove(id: string): boolean {
    const there = this.rows().some(({ NoteID }) => String(NoteID) === id);
    this.#inner.remove(NOTES, id);
    return there;
  }

  /** Runs one such transaction for a client: it may be refused, or happen without the client hearing of it. */
  async transact<T>(process: Process, work: () => T): Promise<{ readonly done: T } | 'refused' | 'unclear'> {
    const broken = await process.step('a request to legacy').then(
      () => false,
      () => true,
    );
    if (broken) return 'refused';
    const { answered, delayMs } = this.#travel(false);
    if (answered === 'refused' || answered === 'throttled' || answered === 'failed') return 'refused';
    const done = new Promise<{ readonly done: T }>((resolve) => {
      if (answered !== 'lost-before') this.#arrives(delayMs, () => resolve({ done: work() }));
    });
    return within(answered === 'answered' ? done : never(), REQUEST_MS, () => 'unclear' as const);
  }

  /** Legacy's HTTP API as one process reaches it. */
  api(process: Process): LegacyApi {
    return { send: (request, options) => this.#send(process, request, options), close: async () => undefined };
  }

  async #send(process: Process, request: HttpRequest, { mayWrite, headers }: SendOptions = {}): Promise<LegacyAnswer> {
    const broken = await process.step(`${request.method} to legacy`).then(
      () => undefined,
      () => ({ type: 'not-sent', reason: 'connection refused' }) as const,
    );
    if (broken !== undefined) return broken;
    const { answered, delayMs } = this.#travel(request.method === 'POST');
    if (answered === 'refused') return { type: 'not-sent', reason: 'connection refused' };
    if (mayWrite?.() === false) {
      this.#around.happenings.add('zombie refused by its lease');
      return { type: 'not-sent', reason: 'the sender no longer holds its lease' };
    }
    if (answered === 'throttled') return { type: 'throttled', status: 429, retryAfterMs: 500, reason: 'HTTP 429' };
    if (answered === 'failed') return { type: 'unclear', reason: 'HTTP 503', said: { status: 503, body: '' } };
    const executed = new Promise<LegacyAnswer>((resolve) => {
      if (answered === 'lost-before') return;
      const lost = answered === 'lost-behind';
      this.#arrives(delayMs, () => void this.#execute(request, headers, lost).then(resolve));
    });
    const answer = answered === 'answered' ? executed : never();
    return within(
      answer,
      REQUEST_MS,
      () => ({ type: 'unclear', reason: `no answer within ${REQUEST_MS} ms` }) as const,
    );
  }

  /** It happens, whatever becomes of who sent it. */
  #arrives(delayMs: number, execute: () => void): void {
    const { scheduler, happenings } = this.#around;
    scheduler.addFor(undefined, delayMs, () => {
      if (delayMs > REQUEST_MS) happenings.add('request to legacy executed when nobody waits');
      execute();
    });
  }

  async #execute(request: HttpRequest, headers: SendOptions['headers'] = {}, lost = false): Promise<LegacyAnswer> {
    const { Text: text } = (request.body ?? {}) as Partial<NoteRow>;
    const refused = text !== undefined && this.#around.code.refuses(text);
    if (refused) return { type: 'answered', status: 422, headers: {}, body: `legacy does not take "${text}"` };
    const answer = await this.#inner.send(request, { headers });
    if (lost && request.method === 'POST' && this.#around.isRepaired) this.#copies(answer);
    return answer;
  }

  /** A job of legacy's own writes the row a second time: whoever looks for it finds two. */
  #copies(answer: LegacyAnswer): void {
    const { random, happenings } = this.#around;
    if (answer.type !== 'answered' || answer.status >= 300 || !random.chance(0.5)) return;
    const id = this.#inner.nextId;
    const made = this.rows().find(({ NoteID }) => NoteID === id - 1);
    if (made === undefined) return;
    this.#inner.put(NOTES, { ...made, NoteID: id });
    happenings.add('row doubled in legacy');
  }

  /** What becomes of a request, and how long it takes: never longer than a request lives. */
  #travel(isCreate: boolean): {
    readonly answered: 'refused' | 'throttled' | 'failed' | 'lost-before' | 'lost-behind' | 'answered';
    readonly delayMs: number;
  } {
    const { weather, random, happenings } = this.#around;
    const { legacyTrouble, stepMs } = weather.climate;
    if (isCreate && this.#around.isRepaired && legacyTrouble > 0 && random.chance(DOUBTED)) {
      happenings.add(IN_WORDS['lost-behind']);
      return { answered: 'lost-behind', delayMs: random.around(stepMs) };
    }
    if (!random.chance(legacyTrouble)) return { answered: 'answered', delayMs: random.around(stepMs) };
    const answered = random.pick([
      'refused',
      'throttled',
      'failed',
      'lost-before',
      'lost-behind',
      'lost-behind',
      'answered',
      'answered',
      'answered',
    ] as const);
    if (answered !== 'answered') happenings.add(IN_WORDS[answered]);
    const slow = random.chance(0.5) ? random.next() * (SETTLE_AFTER_MS - 50) : random.around(stepMs);
    return { answered, delayMs: Math.min(slow, SETTLE_AFTER_MS - 50) };
  }
}
