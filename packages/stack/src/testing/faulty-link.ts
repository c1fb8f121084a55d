import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import { freePorts } from '../ports.js';

/** Looks at bytes on their way to the server; a function when they are the request that is meant, to know its answer by. */
export type Request = (sent: Buffer) => ((answered: Buffer) => boolean) | undefined;

/** Answers that are lost after the server did what it was asked. */
export interface LostAnswers {
  /** How many were lost so far. */
  readonly lost: number;
}

/** Where a request is caught: on its way there, and the server never sees it; or its answer on the way back, and its work is done. */
export type Caught = 'request' | 'answer';

export interface Snare {
  /** Resolves when a request was caught, and what had to happen then has happened; rejects with what that threw. */
  readonly sprung: Promise<void>;
  /** What it has not caught yet it will not. */
  disarm(): void;
}

/** Connections that are reset under way. */
export interface Resets {
  /** How many so far. */
  readonly count: number;
  stop(): void;
}

/** What a protocol's own faults put between the two ends of one connection. @param near the caller's end, to be broken */
export type Wire = (near: Socket) => {
  readonly there: Transform;
  readonly back: Transform;
  /** What is still on its way there arrives, though its sender has gone: he may have given it up for being late. Default: it does not. */
  readonly isLate?: true;
};

/**
 * A TCP link that tests can break: a port of its own that leads to another one. Down, nobody listens there; or it loses the answers to
 * chosen requests: the server has done its work, and the caller finds its connection closed.
 */
export class FaultyLink {
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #target: { readonly host: string; readonly port: number } | undefined;
  readonly #losing: Losing[] = [];
  #resets: { readonly share: number; readonly random: () => number; count: number } | undefined;

  private constructor(
    readonly port: number,
    private readonly wire: Wire | undefined,
  ) {}

  /**
   * Down at first.
   * @param target any address with host and port; left out where it is known only later, see `leadTo`
   * @param wire faults of the protocol that is spoken over it
   */
  static async to(target?: string, wire?: Wire): Promise<FaultyLink> {
    // None of those of outgoing connections: whoever dials a link that is down could connect to itself there, and keep it down.
    const [port = 0] = await freePorts(1);
    const link = new FaultyLink(port, wire);
    if (target !== undefined) link.leadTo(target);
    return link;
  }

  leadTo(target: string): void {
    const { hostname, port } = new URL(target.includes('://') ? target : `tcp://${target}`);
    this.#target = { host: hostname, port: Number(port) };
  }

  /** The same address through this link. */
  through(address: string): string {
    if (!address.includes('://')) return `127.0.0.1:${this.port}`;
    const changed = new URL(address);
    changed.hostname = '127.0.0.1';
    changed.port = String(this.port);
    return changed.href.replace(/\/$/, '');
  }

  async up(): Promise<void> {
    const target = this.#target;
    if (target === undefined) throw new Error('This link leads nowhere yet.');
    this.#server = createServer((near) => {
      const far = connect(target);
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on('error', () => socket.destroy());
        socket.on('close', () => this.#sockets.delete(socket));
      }
      far.on('close', () => near.destroy());
      const { there, back } = this.#watched(near);
      const wire = this.wire?.(near);
      near.on('close', () => (wire?.isLate ? there.end() : far.destroy()));
      if (wire === undefined) {
        near.pipe(there).pipe(far);
        far.pipe(back).pipe(near);
      } else {
        near.pipe(there).pipe(wire.there).pipe(far);
        far.pipe(wire.back).pipe(back).pipe(near);
      }
    }).listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** Connections that are open now, those to the link and those from it. */
  get open(): number {
    return this.#sockets.size;
  }

  /** Breaks every connection and refuses new ones. */
  async down(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    if (server === undefined) return;
    server.close();
    await once(server, 'close');
  }

  /** From now on the answers to the next `count` such requests are lost. */
  loseAnswers(request: Request, count: number): LostAnswers {
    const losing: Losing = { at: 'answer', request, left: count, lost: 0 };
    this.#losing.push(losing);
    return losing;
  }

  /** Catches the next such request: what it carries goes no further, `then` happens, and its connection breaks. */
  snare(request: Request, at: Caught, then: () => Promise<void>): Snare {
    const { promise: sprung, resolve, reject } = Promise.withResolvers<void>();
    const losing: Losing = { at, request, left: 1, lost: 0, onLost: () => then().then(resolve, reject) };
    this.#losing.push(losing);
    return {
      sprung,
      disarm: () => {
        losing.left = Number.NEGATIVE_INFINITY;
      },
    };
  }

  /**
   * From now on each piece that a caller sends may be the last one of its connection, which is reset before or behind it.
   * @param share how likely, 0 to 1
   */
  reset(share: number, random: () => number): Resets {
    const resets = { share, random, count: 0, stop: () => this.#noResets() };
    this.#resets = resets;
    return resets;
  }

  #noResets(): void {
    this.#resets = undefined;
  }

  #watched(near: Socket): { there: Transform; back: Transform } {
    let doomed: { readonly of: Losing; readonly isAnswer: (answered: Buffer) => boolean } | undefined;
    // Whoever gave up before its answer came has lost none: the next one has to.
    near.once('close', () => {
      if (doomed !== undefined) doomed.of.left += 1;
    });
    const lose = async (losing: Losing): Promise<void> => {
      losing.lost += 1;
      await losing.onLost?.();
      near.destroy();
    };
    const there = new Transform({
      transform: (sent: Buffer, _, pass) => {
        for (const losing of this.#losing) {
          const isAnswer = losing.left > 0 && doomed === undefined ? losing.request(sent) : undefined;
          if (isAnswer === undefined) continue;
          losing.left -= 1;
          // Never passed on: what comes behind it waits for the end of the connection.
          if (losing.at === 'request') return void lose(losing);
          doomed = { of: losing, isAnswer };
        }
        const resets = this.#resets;
        if (resets === undefined || resets.random() >= resets.share) return pass(null, sent);
        resets.count += 1;
        if (resets.random() < 0.5) near.resetAndDestroy();
        else {
          pass(null, sent);
          setImmediate(() => near.resetAndDestroy());
        }
      },
    });
    const back = new Transform({
      transform: (answered: Buffer, _, pass) => {
        if (doomed?.isAnswer(answered) !== true) return pass(null, answered);
        const { of } = doomed;
        doomed = undefined;
        void lose(of);
      },
    });
    return { there, back };
  }
}

interface Losing {
  readonly at: Caught;
  readonly request: Request;
  readonly onLost?: () => Promise<void>;
  left: number;
  lost: number;
}

/** An HTTP/1.1 request that begins so. Its connection has one at a time: what comes back is the answer. */
export function httpRequest(begin: RegExp): Request {
  return (sent) => (begin.test(sent.toString('latin1', 0, 200)) ? () => true : undefined);
}

/** A commit to PostgreSQL by the simple protocol: `Q`, its length, the text. */
export const commit: Request = (sent) =>
  /^Q....commit/is.test(sent.toString('latin1', 0, 20)) ? () => true : undefined;

/** A produce request to Kafka (key 0); the answer carries its correlation id, since others may be under way before it. */
export const produce: Request = (sent) => {
  if (sent.length < 12 || sent.readInt16BE(4) !== 0) return undefined;
  const correlation = sent.readInt32BE(8);
  return (answered) => answered.length >= 8 && answered.readInt32BE(4) === correlation;
};

/** The same of one client, whose name stands behind the correlation id. */
export function produceBy(clientId: string): Request {
  return (sent) => {
    const isAnswer = produce(sent);
    if (isAnswer === undefined || sent.length < 14) return undefined;
    return sent.toString('utf8', 14, 14 + sent.readInt16BE(12)) === clientId ? isAnswer : undefined;
  };
}
