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
 * transaction has done so far, so that the commit which is meant is told from all others. It reads what pg writes: a statement begins a
 * piece, and the next one comes behind its answer.
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
    let doomed: Armed | undefined;
    // Its end came before the answer: the next one is caught.
    near.once('close', () => {
      if (doomed !== undefined && !doomed.disarmed) this.#armed.add(doomed);
    });
    const spring = (armed: Armed): void => {
      doomed = undefined;
      void armed.spring().finally(() => near.destroy());
    };
    const there = new Transform({
      transform: (sent: Buffer, _, pass) => {
        const statement = connection.hear(sent);
        const armed = statement === undefined ? undefined : this.#take(statement);
        if (armed?.at === 'request') return spring(armed);
        doomed = armed ?? doomed;
        pass(null, sent);
      },
    });
    const back = new Transform({
      transform: (answered: Buffer, _, pass) => {
        if (doomed === undefined) return pass(null, answered);
        spring(doomed);
      },
    });
    return { there, back };
  };

  #take(statement: SqlStatement): Armed | undefined {
    const armed = [...this.#armed].find(({ meant }) => meant(statement));
    if (armed !== undefined) this.#armed.delete(armed);
    return armed;
  }
}

const PROTOCOL_3 = 196_608;

/** What one connection has said: who it is, its prepared statements, and what its transaction has done. */
class SqlConnection {
  #applicationName = '';
  #transaction: string[] | undefined;
  readonly #prepared = new Map<string, string>();

  hear(sent: Buffer): SqlStatement | undefined {
    if (sent.length >= 8 && sent.readInt32BE(4) === PROTOCOL_3) {
      const words = sent.toString('utf8', 8).split('\0');
      this.#applicationName = words[words.indexOf('application_name') + 1] ?? '';
      return undefined;
    }
    const text = this.#textOf(sent);
    if (text === undefined) return undefined;
    const statement = { applicationName: this.#applicationName, text, before: [...(this.#transaction ?? [])] };
    if (/^begin\b/i.test(text)) this.#transaction = [];
    else if (/^(commit|rollback)$/i.test(text)) this.#transaction = undefined;
    else this.#transaction?.push(text);
    return statement;
  }

  /** Simple query, parse, or the binding of what was parsed before: type, length, text. */
  #textOf(sent: Buffer): string | undefined {
    const type = String.fromCharCode(sent[0] ?? 0);
    if (type === 'Q') return wordAt(sent, 5).word;
    if (type === 'P') {
      const name = wordAt(sent, 5);
      const { word } = wordAt(sent, name.next);
      if (name.word !== '') this.#prepared.set(name.word, word);
      return word;
    }
    // Portal, then statement.
    return type === 'B' ? this.#prepared.get(wordAt(sent, wordAt(sent, 5).next).word) : undefined;
  }
}

function wordAt(bytes: Buffer, from: number): { readonly word: string; readonly next: number } {
  const end = bytes.indexOf(0, from);
  return { word: bytes.toString('utf8', from, end === -1 ? bytes.length : end), next: end + 1 };
}
