import { execFile } from 'node:child_process';
import { childEnvironment } from '../config.js';
import { endWithProcess } from '../exit-hook.js';

interface Finished {
  /** 0 when it went well; undefined when the command is not there or was ended by a signal. */
  readonly code: number | undefined;
  readonly missing: boolean;
  /** stdout and stderr. */
  readonly output: string;
}

interface RunOptions {
  readonly timeoutMs: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

/** Runs a command to its end; never throws. */
function run(command: string, args: readonly string[], options: RunOptions): Promise<Finished> {
  const { timeoutMs, env, cwd, uid, gid } = options;
  return new Promise((resolve) => {
    const child = execFile(
      command,
      args,
      {
        timeout: timeoutMs,
        env: childEnvironment(env),
        maxBuffer: 16 * 1024 * 1024,
        ...(cwd === undefined ? {} : { cwd }),
        ...(uid === undefined ? {} : { uid }),
        ...(gid === undefined ? {} : { gid }),
      },
      (error, stdout, stderr) => {
        survived();
        const output = `${stdout}${stderr}`;
        if (error === null) return resolve({ code: 0, missing: false, output });
        const code = typeof error.code === 'number' ? error.code : undefined;
        resolve({ code, missing: String(error.code) === 'ENOENT', output: output || error.message });
      },
    );
    const survived = endWithProcess({
      exitOnSignal: false,
      stop: async () => undefined,
      abort: () => void child.kill(),
    });
  });
}

export { type Finished, run };
