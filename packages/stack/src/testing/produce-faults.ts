import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Wire } from './faulty-link.js';
import { framesInto } from './frames.js';

/** What can happen to a produce request on its way to the broker, or to its answer on the way back. */
export type ProduceFault =
  /** The broker writes, the answer is lost, the connection ends. */
  | 'answer-lost'
  /** The same with a reset. */
  | 'answer-reset'
  /** The broker writes, and the client has half of the answer when the connection ends. */
  | 'answer-cut'
  /** The same with a reset: a client that uses its connection object again has the half-read bytes in it. */
  | 'answer-cut-reset'
  /** The broker writes, the answer and all that is behind it come later than the client waits. */
  | 'answer-late'
  /** The broker writes, no answer ever comes, the connection stays. */
  | 'answer-swallowed'
  /** The broker never sees it, the connection ends. */
  | 'request-lost'
  /** The broker sees it, and all that is behind it, when the client has given it up. */
  | 'request-late'
  /** The broker never sees it, the connection stays. */
  | 'request-swallowed'
  /** The broker never sees it, nor anything behind it: the connection stays, and nothing comes through in either direction. */
  | 'connection-silent';

/** A fault that waits for its requests. */
export interface ArmedFault {
  readonly fault: ProduceFault;
  /** How many requests it has hit. */
  readonly hits: number;
  /** The next hit. */
  hit(): Promise<void>;
}

interface Armed extends ArmedFault {
  hits: number;
  left: number;
  readonly lateMs: number;
  readonly waiting: (() => void)[];
}

/** Kafka's key of a produce request. */
const PRODUCE = 0;
/** Long enough for the half of an answer to be read: what a reset finds unread it takes away. */
const READ_MS = 50;

/**
 * Faults that hit produce requests and nothing else, for a link to Kafka: `FaultyLink.to(address, faults.wire)`. It reads the frames of the
 * protocol, so it knows the one answer that is meant among those that share the connection, wherever TCP cuts the stream.
 */
export class ProduceFaults {
  #armed: Armed[] = [];
  #requests = 0;

  /** Produce requests seen so far. */
  get requests(): number {
    return this.#requests;
  }

  /** From now on the next `times` produce requests, on whichever connection. @param lateMs for the late ones, default 2,000 */
  arm(fault: ProduceFault, { times = 1, lateMs = 2_000 } = {}): ArmedFault {
    const waiting: (() => void)[] = [];
    const hit = () => new Promise<void>((resolve) => waiting.push(resolve));
    const armed: Armed = { fault, hits: 0, left: times, lateMs, waiting, hit };
    this.#armed.push(armed);
    return armed;
  }

  /** What has not hit yet will not. */
  disarm(): void {
    this.#armed = [];
  }

  readonly wire: Wire = (near) => {
    const doomed = new Map<number, Armed>();
    let over = false;
    const there = framesInto(async (frame, pass) => {
      if (over) return;
      if (frame.readInt16BE(4) !== PRODUCE) return pass(frame);
      this.#requests += 1;
      const armed = this.#next();
      if (armed === undefined) return pass(frame);
      if (armed.fault === 'request-swallowed') return;
      if (armed.fault === 'connection-silent') {
        over = true;
        return;
      }
      if (armed.fault === 'request-lost') {
        over = true;
        near.destroy();
        return;
      }
      if (armed.fault === 'request-late') await delay(armed.lateMs);
      else doomed.set(frame.readInt32BE(8), armed);
      pass(frame);
    });
    const back = framesInto(async (frame, pass) => {
      if (over) return;
      const correlation = frame.readInt32BE(4);
      const armed = doomed.get(correlation);
      doomed.delete(correlation);
      if (armed === undefined) return pass(frame);
      if (armed.fault === 'answer-swallowed') return;
      if (armed.fault === 'answer-late') {
        await delay(armed.lateMs);
        return pass(frame);
      }
      over = true;
      await end(near, armed.fault, () => pass(frame.subarray(0, frame.length >> 1)));
    });
    return { there, back, isLate: true };
  };

  #next(): Armed | undefined {
    const armed = this.#armed.find(({ left }) => left > 0);
    if (armed === undefined) return undefined;
    armed.left -= 1;
    armed.hits += 1;
    for (const hit of armed.waiting.splice(0)) hit();
    return armed;
  }
}

async function end(near: Socket, fault: ProduceFault, passHalf: () => void): Promise<void> {
  if (fault === 'answer-cut' || fault === 'answer-cut-reset') {
    passHalf();
    await delay(READ_MS);
  }
  if (fault === 'answer-reset' || fault === 'answer-cut-reset') near.resetAndDestroy();
  else near.end();
}
