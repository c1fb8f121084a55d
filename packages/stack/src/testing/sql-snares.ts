import type { Socket } from 'node:net';
import { Transform } from 'node:stream';
import type { Caught, Snare, Wire } from './faulty-link.js';

/** A statement on its way to PostgreSQL. */
export interface SqlStatement {
  /** Of the connection: whose statement it is. */
  readonly applicationName: string;
  readonly text: string;
  /** Those of its transaction before it, oldest first; none outside a transaction. */
  readonly before: readonly string[];
}

interface Armed {
  readonly meant: (statement: SqlStatement) => boolean;
  readonly at: Caught;
  readonly spring: () => Promise<void>;
  disarmed: boolean;
}

/**
 * Statements that are caught on a link to PostgreSQL: `FaultyLink.to(address, snares.wire)`. It knows whose connection it is and what its
 * transaction has done so far, so that the commit which is meant is told from all others. It reads message by message: a client may send several
 * statements without waiting for answers, and what it sent before the one that is meant is carried out and answered.
 */
export class SqlSnares {
  readonly #armed = new Set<Armed>();

  /** Catches the next such statement: it, or its answer, goes no further, `then` happens, and the connection breaks. */
  arm(meant: Armed['meant'], at: Caught, then: () => Promise<void>): Snare {
    const { promise: sprung, resolve, reject } = Promise.withResolvers<void>();
    const armed: Armed = { meant, at, spring: () => then().then(resolve, reject), disarmed: false };
    this.#armed.add(armed);
    return {
      sprung,
      disarm: () => {
        armed.disarmed = true;
        this.#armed.delete(armed);
      },
    };
  }

  readonly wire: Wire = (near: Socket) => {
    const connection = new SqlConnection();
    /** Whose answer is the one behind so many others. */
    let doomed: { readonly armed: Armed; readonly behind: number } | undefined;
    // Its end came before the answer: the next one is caught.
    near.once('close', () => {
      if (doomed !== undefined && !doomed.armed.disarmed) this.#armed.add(doomed.armed);
    });
    const spring = (armed: Armed): void => {
      doomed = undefined;
      void armed.spring().finally(() => near.destroy());
    };
    /** What comes before it has been answered, and so has been carried out. */
    const isNext = (): boolean => doomed !== undefined && connection.answers >= doomed.behind;
    // What came in one piece goes on in one: piece by piece each would wait for the other side's word that it has the one before.
    const there = new Transform({
      transform(sent: Buffer, _, pass) {
        const through: Buffer[] = [];
        for (const { bytes, statement, behind } of connection.sent(sent)) {
          const armed = statement === undefined || doomed !== undefined ? undefined : take(statement);
          if (armed !== undefined) doomed = { armed, behind };
          if (armed?.at === 'request') {
            // Nothing is passed on any more, since nobody says that it may go on.
            this.push(Buffer.concat(through));
            if (isNext()) spring(armed);
            return;
          }
          through.push(bytes);
        }
        pass(null, Buffer.concat(through));
      },
    });
    const back = new Transform({
      transform(answered: Buffer, _, pass) {
        const through: Buffer[] = [];
        for (const { bytes, isUnasked, isEnd } of connection.answered(answered)) {
          const its = doomed?.armed.at === 'answer' && isNext() && !isUnasked ? doomed.armed : undefined;
          // Whole before it is caught: the statement has been carried out then.
          const caught = its !== undefined && isEnd ? its : undefined;
          if (its === undefined) through.push(bytes);
          connection.heard(isEnd);
          const reached = caught ?? (doomed?.armed.at === 'request' && isNext() ? doomed.armed : undefined);
          if (reached === undefined) continue;
          this.push(Buffer.concat(through));
          return spring(reached);
        }
        pass(null, Buffer.concat(through));
      },
    });
    const take = (statement: SqlStatement) => this.#take(statement);
    return { there, back };
  };

  #take(statement: SqlStatement): Armed | undefined {
    const armed = [...this.#armed].find(({ meant }) => meant(statement));
    if (armed !== undefined) this.#armed.delete(armed);
    return armed;
  }
}

const PROTOCOL_3 = 196_608;
/** The server may say these at any time: notification, notice, parameter. */
const UNASKED = 'ANS';

/** What one connection has said: who it is, its prepared statements, what its transaction has done, and how much of it was answered. */
class SqlConnection {
  #applicationName = '';
  #transaction: string[] | undefined;
  readonly #prepared = new Map<string, string>();
  readonly #requests = new Messages(0);
  readonly #answers = new Messages(1);
  /** What the server ends with "ready": the start, each simple query, each sync. */
  #asked = 0;
  #answered = 0;

  /** @returns `behind`: how many answers come before the one to this message */
  *sent(
    chunk: Buffer,
  ): Generator<{ readonly bytes: Buffer; readonly behind: number; readonly statement: SqlStatement | undefined }> {
    for (const bytes of this.#requests.split(chunk)) {
      const behind = this.#asked;
      yield { bytes, behind, statement: this.#hear(bytes) };
    }
  }

  /** @returns `isEnd`: it completes an answer, which `heard` counts */
  *answered(
    chunk: Buffer,
  ): Generator<{ readonly bytes: Buffer; readonly isUnasked: boolean; readonly isEnd: boolean }> {
    for (const bytes of this.#answers.split(chunk)) {
      const type = typeOf(bytes);
      yield { bytes, isUnasked: UNASKED.includes(type), isEnd: type === 'Z' };
    }
  }

  heard(isEnd: boolean): void {
    if (isEnd) this.#answered += 1;
  }

  /** How many are complete. */
  get answers(): number {
    return this.#answered;
  }

  #hear(message: Buffer): SqlStatement | undefined {
    if (this.#asked === 0) {
      // Somebody asks for TLS, or for the end of a query of another connection: there is no statement in it.
      if (message.readInt32BE(4) !== PROTOCOL_3) return undefined;
      const words = message.toString('utf8', 8).split('\0');
      this.#applicationName = words[words.indexOf('application_name') + 1] ?? '';
      this.#asked = 1;
      return undefined;
    }
    const text = this.#textOf(message);
    if (text === undefined) return undefined;
    const statement = { applicationName: this.#applicationName, text, before: [...(this.#transaction ?? [])] };
    if (/^begin\b/i.test(text)) this.#transaction = [];
    else if (/^(commit|rollback)$/i.test(text)) this.#transaction = undefined;
    else this.#transaction?.push(text);
    return statement;
  }

  /** Of a simple query, or of the binding of what was parsed before. */
  #textOf(message: Buffer): string | undefined {
    switch (typeOf(message)) {
      case 'Q':
        this.#asked += 1;
        return wordAt(message, 5).word;
      case 'P': {
        const name = wordAt(message, 5);
        this.#prepared.set(name.word, wordAt(message, name.next).word);
        return undefined;
      }
      // Portal, then statement.
      case 'B':
        return this.#prepared.get(wordAt(message, wordAt(message, 5).next).word);
      case 'S':
        this.#asked += 1;
        return undefined;
      default:
        return undefined;
    }
  }
}

/** A stream of messages: type, length, content; what a client says first has no type. */
class Messages {
  #rest: Buffer = Buffer.alloc(0);

  /** @param typeBytes of the first one */
  constructor(private typeBytes: 0 | 1) {}

  *split(chunk: Buffer): Generator<Buffer> {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= this.typeBytes + 4) {
      const end = this.typeBytes + this.#rest.readInt32BE(this.typeBytes);
      if (this.#rest.length < end) return;
      const message = this.#rest.subarray(0, end);
      this.#rest = this.#rest.subarray(end);
      this.typeBytes = 1;
      yield message;
    }
  }
}

function typeOf(message: Buffer): string {
  return String.fromCharCode(message[0] ?? 0);
}

function wordAt(bytes: Buffer, from: number): { readonly word: string; readonly next: number } {
  const end = bytes.indexOf(0, from);
  return { word: bytes.toString('utf8', from, end === -1 ? bytes.length : end), next: end + 1 };
}
