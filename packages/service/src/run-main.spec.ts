import { type ChildProcess, spawn } from 'node:child_process';
import { afterEach, describe, expect, it } from '@jest/globals';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** An app in its own process, from this package's build. */
function run(start: string) {
  const script = `
    import { Module } from '@nestjs/common';
    import { BanyanError } from '@banyan/core';
    import { runApp, runMain } from '@banyan/service';
    class Things { onApplicationShutdown() { console.log('closed what it opened'); } }
    Module({})(Things);
    const app = () => runApp({ name: 'things', module: Things, config: { PORT: 0, HOST: '127.0.0.1', LOG_LEVEL: 'error' }, health: [] });
    await runMain('things', async () => { ${start} });
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let output = '';
  let seen = () => {};
  const collect = (chunk: Buffer): void => {
    output += chunk.toString();
    seen();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve));
  const says = (text: string): Promise<void> =>
    new Promise((resolve) => {
      seen = () => output.includes(text) && resolve();
      seen();
    });
  return { child, exited, says, output: () => output };
}

describe('runMain', () => {
  it('prints the listening line at any log level, drains on SIGTERM and exits with 0', async () => {
    const { child, exited, says, output } = run('return app();');
    await says('"listening"');
    expect(JSON.parse(output().trim())).toMatchObject({
      msg: 'listening',
      url: expect.stringMatching(/^http:\/\/127/),
    });
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
    expect(output()).toContain('closed what it opened');
  });

  it('tells a start that failed in one line with code and remedy, and exits with 1', async () => {
    const { exited, output } = run("throw new BanyanError('CONFIG_INVALID', 'PORT is 7x; set a number.');");
    expect(await exited).toBe(1);
    const lines = output().trim().split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      code: 'CONFIG_INVALID',
      msg: 'PORT is 7x; set a number.',
      level: 60,
    });
  });

  it('ends the process on an exception that nobody caught', async () => {
    const { exited, output } = run("setTimeout(() => { throw new Error('out of nowhere'); }, 10); return app();");
    expect(await exited).toBe(1);
    expect(output()).toContain('crashed: out of nowhere');
  });
});
