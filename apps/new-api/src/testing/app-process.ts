import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

/** Another app as it runs in production: another process, which tests may freeze or end. */
export interface AppProcess {
  readonly url: string;
  /** SIGSTOP: it lives and does nothing. */
  freeze(): void;
  thaw(): void;
  /** kill -9: it is gone without a word. */
  kill(): Promise<void>;
  /** SIGTERM, and how it ended: its exit code, or null when a signal ended it. Repeatable. */
  stop(): Promise<number | null>;
}

/** Started, listening, and with its tables prepared or about to be. @param app `v2-projector` */
export async function startAppProcess(
  app: 'v2-projector' | 'legacy-porter' | 'new-api',
  variables: Readonly<Record<string, string>>,
): Promise<AppProcess> {
  const main = createRequire(import.meta.url)
    .resolve(`@banyan/${app}`)
    .replace(/index\.js$/, 'main.js');
  const child: ChildProcess = spawn(process.execPath, [main], {
    env: { ...variables },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const listening = new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${app} ended with ${code}:\n${lines.join('\n')}`)));
    if (child.stdout === null) return;
    createInterface(child.stdout).on('line', (line) => {
      lines.push(line);
      if (line.includes('"msg":"listening"')) resolve(String((JSON.parse(line) as { url?: string }).url));
    });
  });
  const url = await listening;
  return {
    url,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    kill: async () => {
      const exited = ended(child);
      child.kill('SIGKILL');
      await exited;
    },
    stop: async () => {
      const exited = ended(child);
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      return exited;
    },
  };
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}
