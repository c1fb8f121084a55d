import { spawnSync } from 'node:child_process';

/** A step that makes the checkout whole again, as somebody would type it. */
export interface Step {
  readonly command: string;
  readonly args: readonly string[];
  /** What it is for. */
  readonly why: string;
}

/** @param paths what was written or changed as text */
export function stepsBehind(paths: readonly string[]): readonly Step[] {
  const code = paths.filter((path) => /\.(ts|mjs|json)$/.test(path));
  return [
    {
      command: 'npx',
      args: ['biome', 'check', '--write', '--log-level=error', ...code],
      why: 'what was written is formatted',
    },
    { command: 'npm', args: ['run', '--silent', 'schemas:generate'], why: 'the types of the events are made' },
    {
      command: 'npm',
      args: ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'],
      why: 'the package is linked',
    },
    // Else the next `npm test` would install everything again for a lockfile that it has not seen.
    { command: 'node', args: ['tools/installed.mjs'], why: 'the new lockfile is known as installed' },
  ];
}

/** Runs one step after another. Throws when one fails, with its words and what is left; everything before it is done. */
export function finish(root: string, steps: readonly Step[], say: (line: string) => void): void {
  for (const [index, step] of steps.entries()) {
    const { status, stdout, stderr, error } = spawnSync(step.command, step.args, { cwd: root, encoding: 'utf8' });
    if (status === 0) {
      say(step.why);
      continue;
    }
    const left = steps.slice(index).map(({ command, args }) => `  ${[command, ...args].join(' ')}`);
    throw new Error(
      [
        `The files are written, but ${step.command} failed:`,
        error?.message ?? `${stdout}${stderr}`.trim(),
        'Mend that, then run what is left:',
        ...left,
      ].join('\n'),
    );
  }
}
