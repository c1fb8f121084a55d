import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly code?: string;
  readonly [field: string]: unknown;
}

/** How a process came to its end. */
export interface Ended {
  readonly code: number | null;
  /** All that it wrote, in order. */
  readonly lines: readonly LogLine[];
  /** What its liveness said when it failed, each answer once. */
  readonly dying: readonly string[];
}

export interface UntilItEndsOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Once it listens: for what is to happen to it. What it throws ends the process and is thrown on. */
  readonly listening?: (url: string) => Promise<void>;
  /** Default 60,000; then it is killed, and the promise rejects. */
  readonly timeoutMs?: number;
}

const FATAL = 60;

/** Of level fatal. */
export function fatalOf({ lines }: Ended): readonly LogLine[] {
  return lines.filter(({ level }) => level === FATAL);
}

/** Runs an app as a process, and watches its liveness, until it ends by itself. @param main the file that node runs */
export async function untilItEnds(main: string, options: UntilItEndsOptions): Promise<Ended> {
  const { env, listening, timeoutMs = 60_000 } = options;
  const child = spawn(process.execPath, [main], { env: { ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const read = once(child.stdout, 'close');
  const lines: LogLine[] = [];
  const dying = new Set<string>();
  const address = Promise.withResolvers<string>();
  createInterface(child.stdout).on('line', (text) => {
    const line = JSON.parse(text) as LogLine;
    lines.push(line);
    if (line.msg === 'listening') address.resolve(String(line.url));
  });
  const watched = (async () => {
    const url = await Promise.race([address.promise, ended.then(() => undefined)]);
    if (url === undefined) return;
    const happened = listening?.(url);
    while (child.exitCode === null && child.signalCode === null) {
      const words = await whatFails(url);
      if (words !== undefined) dying.add(words);
      await delay(10);
    }
    await happened;
  })();
  const late = new AbortController();
  try {
    const tooLate = delay(timeoutMs, undefined, { signal: late.signal }).then(() => {
      throw new Error(`it did not end within ${timeoutMs} ms; its last words: ${JSON.stringify(lines.at(-1))}`);
    });
    const [[code]] = await Promise.race([Promise.all([ended, read, watched]), tooLate]);
    return { code, lines, dying: [...dying] };
  } finally {
    late.abort();
    child.kill('SIGKILL');
  }
}

async function whatFails(url: string): Promise<string | undefined> {
  try {
    const answer = await fetch(new URL('/health/live', url));
    const text = await answer.text();
    return answer.status === 503 ? text : undefined;
  } catch {
    // It is gone, or does not take calls any more.
    return undefined;
  }
}
