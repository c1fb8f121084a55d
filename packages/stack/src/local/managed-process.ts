import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BanyanError } from '@banyan/core';
import type { StackRecorder } from '../ownership/stack-record.js';
import type { OwnService } from '../providers/provider.js';
import type { ServiceName } from '../stack.js';
import { waitUntil } from '../wait-until.js';

interface ProcessPlan {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
  /** Receives what the process prints. */
  readonly logFile: string;
  /** Asks for an orderly end. */
  readonly stopSignal: NodeJS.Signals;
  /** Ends it at once, without leaving shared memory behind, when this process exits and cannot wait. */
  readonly abortSignal: NodeJS.Signals;
  readonly isReady: () => Promise<boolean>;
}

const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 15_000;
/** A process that ends while starting, behind a kill, is started again for so long. */
const AGAIN_MS = 10_000;

/** A service as a child process that can be stopped, killed and started again at the same address. */
class ManagedProcess implements OwnService {
  readonly name: ServiceName;
  readonly #plan: ProcessPlan;
  readonly #recorder: StackRecorder;
  #child: ChildProcess | undefined;
  #killed = false;

  constructor(name: ServiceName, plan: ProcessPlan, recorder: StackRecorder) {
    this.name = name;
    this.#plan = plan;
    this.#recorder = recorder;
  }

  get running(): boolean {
    return this.#child !== undefined;
  }

  /**
   * Behind a kill it is tried again when it ends while starting: PostgreSQL's backends outlive a killed postmaster for some
   * milliseconds, and while they hold its shared memory a new one refuses to start.
   */
  async start(): Promise<void> {
    const againUntilMs = this.#killed ? performance.now() + AGAIN_MS : 0;
    for (;;) {
      try {
        await this.#startOnce();
        this.#killed = false;
        return;
      } catch (error) {
        if (performance.now() > againUntilMs) throw error;
        await pause(200);
      }
    }
  }

  async #startOnce(): Promise<void> {
    if (this.#child !== undefined) return;
    const child = this.#spawn();
    const giveUp = (): void => {
      if (this.#child !== child) throw this.#failure('ended while starting');
    };
    const ready = await waitUntil(this.#plan.isReady, { timeoutMs: START_TIMEOUT_MS, giveUp });
    if (ready) return;
    await this.kill();
    throw this.#failure(`did not answer within ${START_TIMEOUT_MS / 1000} s`);
  }

  async stop(): Promise<void> {
    await this.#end(this.#plan.stopSignal);
  }

  async kill(): Promise<void> {
    this.#killed = true;
    await this.#end('SIGKILL');
  }

  async end(keepData: boolean): Promise<void> {
    await (keepData ? this.stop() : this.kill());
  }

  /** For the exit of this process, when nothing can be awaited any more: an orderly end where the data is to be kept. */
  abort(keepData: boolean): void {
    this.#child?.kill(keepData ? this.#plan.stopSignal : this.#plan.abortSignal);
  }

  #spawn(): ChildProcess {
    const { command, args, cwd, env, uid, gid, logFile } = this.#plan;
    mkdirSync(dirname(logFile), { recursive: true });
    const log = openSync(logFile, 'a');
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ['ignore', log, log],
      // A group of its own: Ctrl-C in a terminal reaches this process only, which ends its children in order.
      detached: true,
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    });
    closeSync(log);
    this.#child = child;
    const pid = child.pid;
    if (pid !== undefined) this.#recorder.addProcess(this.name, pid);
    const gone = (): void => {
      if (this.#child === child) this.#child = undefined;
      if (pid !== undefined) this.#recorder.removeProcess(pid);
    };
    child.once('exit', gone);
    child.once('error', gone);
    // A caller that forgot to stop the stack still comes to its end; the exit hook does the rest.
    child.unref();
    return child;
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const exited = once(child, 'exit');
    child.ref();
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(late);
  }

  #failure(what: string): BanyanError {
    const { command, logFile } = this.#plan;
    return new BanyanError(
      'STACK_SERVICE_FAILED',
      `The local ${this.name} ${what} (${command}); its log ${logFile} ends with:\n${tail(logFile)}`,
      { data: { service: this.name, logFile } },
    );
  }
}

function tail(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-12).join('\n');
  } catch {
    return '(no output)';
  }
}

export { ManagedProcess, type ProcessPlan };
