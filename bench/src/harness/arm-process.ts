import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { BanyanError } from '@banyan/core';
import type { ArmInfo, FromArm, ToArm } from './arm.js';
import type { Measures } from './rounds.js';

/** The compiled one, also for tests. */
const MAIN = fileURLToPath(new URL('../../dist/arm.js', import.meta.url));
/** kafkajs asks for a time-out in the past at each start, and Node says so each time. */
const FLAGS = ['--enable-source-maps', '--disable-warning=TimeoutNegativeWarning'];
const running = new Set<ChildProcess>();

/** An arm that runs in a process of its own, so that its CPU seconds and its memory are its own. */
export interface ArmProcess {
  readonly pid: number | undefined;
  readonly ready: Promise<ArmInfo>;
  /** Figures of the arm, CPU seconds and peak memory; rejects with `BENCH_ARM_FAILED` when it fails or ends without a word. */
  readonly done: Promise<Measures>;
  /** CPU seconds count from here. */
  begin(): void;
  /** Asks it to come to its end. */
  stop(): void;
}

/** @param arm a name in src/arm.ts */
export function startArm(arm: string, input: unknown): ArmProcess {
  const child = spawn(process.execPath, [...FLAGS, MAIN], { stdio: ['ignore', 2, 2, 'ipc'] });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const ready = Promise.withResolvers<ArmInfo>();
  const done = Promise.withResolvers<Measures>();
  // Whoever waits for one of them hears of the failure; nobody has to wait for both.
  ready.promise.catch(() => undefined);
  done.promise.catch(() => undefined);
  const fail = (why: string): void => {
    const error = new BanyanError('BENCH_ARM_FAILED', `The arm ${arm} failed: ${why}`, { data: { arm } });
    ready.reject(error);
    done.reject(error);
  };
  let result: Measures | undefined;
  child.on('message', (message: FromArm) => {
    if ('ready' in message) ready.resolve(message.ready);
    else if ('failed' in message) fail(message.failed);
    else result = message.done;
  });
  child.once('error', (error) => fail(error.message));
  // Its figures count when it is gone: the next arm has the machine for itself.
  child.once('close', (code, signal) => {
    if (result === undefined) fail(`it ended with ${code ?? signal} and no result`);
    else done.resolve(result);
  });
  const tell = (message: ToArm): void => {
    if (child.connected) child.send(message);
  };
  tell({ arm, input });
  return {
    pid: child.pid,
    ready: ready.promise,
    done: done.promise,
    begin: () => tell({ begin: true }),
    stop: () => tell({ stop: true }),
  };
}

/** kill -9 for all that run: for the end of this process, and of a bench that failed. */
export async function killArms(): Promise<void> {
  const gone = [...running].map((child) => once(child, 'exit'));
  for (const child of running) child.kill('SIGKILL');
  await Promise.all(gone);
}
