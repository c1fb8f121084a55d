import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const LEAVE_WITH_PARENT = new URL('../dist/leave-with-parent.js', import.meta.url).href;

export interface ChildAppOptions {
  readonly name: string;
  /** File that node runs. */
  readonly main: string;
  readonly env: Readonly<Record<string, string>>;
  /** Every line the app writes, for a log file. */
  onLine?(line: string): void;
  /** It ran, and ended although nobody here ended it. @param why its exit code or signal */
  onEnd?(app: ChildApp, why: string): void;
}

/** One app as a process of its own: started, stopped in order, or killed like a machine that lost power. */
export class ChildApp {
  private child: ChildProcess | undefined;
  /** Ended from here: nobody has to be told. */
  private ending = false;
  private readonly lastLines: string[] = [];

  constructor(private readonly options: ChildAppOptions) {}

  get name(): string {
    return this.options.name;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Starts it and waits until it says where it listens. Throws with its last words when it ends instead. */
  async start(timeoutMs = 120_000): Promise<void> {
    const child = spawn(process.execPath, ['--enable-source-maps', '--import', LEAVE_WITH_PARENT, this.options.main], {
      env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...this.options.env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.child = child;
    this.ending = false;
    const listening = new Promise<void>((resolve) => {
      const hear = (line: string) => {
        this.keep(line);
        if (line.includes('"msg":"listening"')) resolve();
      };
      if (child.stdout) createInterface(child.stdout).on('line', hear);
      if (child.stderr) createInterface(child.stderr).on('line', hear);
    });
    const ended = once(child, 'exit').then(([code, signal]) => {
      throw new Error(`${this.name} ended with ${code ?? signal} before it listened:\n${this.lastLines.join('\n')}`);
    });
    await within(Promise.race([listening, ended]), timeoutMs, () => `${this.name} did not listen in ${timeoutMs} ms`);
    ended.catch(() => undefined);
    child.once('exit', (code, signal) => {
      if (!this.ending) this.options.onEnd?.(this, String(code ?? signal));
    });
  }

  /** SIGTERM, and SIGKILL when it does not drain in time. Gives its exit code: 0 = it drained; null = it never ran, or was killed. */
  async stop(timeoutMs = 30_000): Promise<number | null> {
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    this.ending = true;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const hard = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    await exited;
    clearTimeout(hard);
    return child.exitCode;
  }

  /** kill -9. */
  async kill(): Promise<void> {
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    this.ending = true;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** Waits until it has ended by itself. Gives its exit code; null = a signal ended it. */
  async ended(): Promise<number | null> {
    const child = this.child;
    if (child && child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return child?.exitCode ?? null;
  }

  /** SIGSTOP: it stands where it is, knows nothing of it, and keeps its sockets. */
  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  /** SIGCONT. */
  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  recentLines(): readonly string[] {
    return this.lastLines;
  }

  private keep(line: string): void {
    this.options.onLine?.(line);
    this.lastLines.push(line);
    if (this.lastLines.length > 40) this.lastLines.shift();
  }
}

/** Rejects with `words()` when the promise takes longer. */
export async function within<T>(promise: Promise<T>, timeoutMs: number, words: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(words())), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
