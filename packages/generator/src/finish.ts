import { spawnSync } from 'node:child_process';

/** A step that makes the checkout whole again, as somebody would type it. */
export interface Step {
  readonly command: string;
  readonly args: readonly string[];
  /** What it is for. */
  readonly why: string;
}

/** @param paths what was written or changed by hand-made text */
export function stepsBehind(paths: readonly string[]): readonly Step[] {
  const code = paths.filter((path) => /\.(ts|mjs|json)$/.test(path));
  return [
    { command: 'biome', args: ['check', '--write', '--log-level=error', ...code], why: 'formats what was written' },
    { command: 'npm', args: ['run', '--silent', 'schemas:generate'], why: 'makes the types of the events' },
    {
      command: 'npm',
      args: ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'],
      why: 'links the package',
    },
    { command: 'node', args: ['tools/installed.mjs'], why: 'remembers that this lockfile is installed' },
  ];
}

/** Throws with the step and what is left when one fails: everything before it is done. */
export function finish(root: string, steps: readonly Step[], say: (line: string) => void): void {
  for (const [index, { command, args, why }] of steps.entries()) {
    const words = [command, ...args].join(' ');
    const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
    if (status === 0) {
      say(
        `${command} ${args
          .filter((arg) => !arg.startsWith('-'))
          .slice(0, 2)
          .join(' ')}: ${why}`,
      );
      continue;
    }
    const left = steps.slice(index).map((step) => [step.command, ...step.args].join(' '));
    const said = error?.message ?? `${stdout}${stderr}`.trim();
    throw new Error(
      `The files are written, but \`${words}\` failed:\n${said}\nMend that, then run what is left:\n  ${left.join('\n  ')}`,
    );
  }
}
