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
    import { GiveUp, runApp, runMain } from '@banyan/service';
    const gaveUp = new GiveUp();
    let held = Promise.resolve();
    let closing = async () => {};
    class Things {
      beforeApplicationShutdown() { return held; }
      async onApplicationShutdown() { await closing(); console.log('"closed what it opened"'); }
    }
    Module({})(Things);
    const gap = new BanyanError('LOG_OFFSET_GAP', 'offset 7 is gone; restore the topic.');
    const app = () => runApp({ name: 'things', module: Things, config: { PORT: 0, HOST: '127.0.0.1', LOG_LEVEL: 'info' }, health: [], gaveUp });
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
    expect(JSON.parse(output().trim().split('\n').at(-1) ?? '')).toMatchObject({
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

  describe('with a part that cannot go on', () => {
    const linesOf = (text: string) =>
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { level?: number; msg?: string; url?: string; code?: string });

    it('drains the rest, says why and what to do in the last line, and exits with 1', async () => {
      const { exited, output } = run("setTimeout(() => gaveUp.say('consumer a.b', gap), 10); return app();");
      expect(await exited).toBe(1);
      const lines = linesOf(output());
      expect(lines.filter(({ level }) => level === 60)).toEqual([lines.at(-1)]);
      expect(lines.at(-1)).toMatchObject({
        part: 'consumer a.b',
        code: 'LOG_OFFSET_GAP',
        msg: 'consumer a.b cannot go on: offset 7 is gone; restore the topic.',
      });
      expect(lines.at(-2)).toBe('closed what it opened');
    });

    it('fails liveness with the reason while the rest drains, also when it is asked to end meanwhile', async () => {
      const { child, exited, says, output } = run(`
        let letGo;
        held = new Promise((resolve) => { letGo = resolve; });
        process.on('SIGUSR2', letGo);
        process.on('SIGTERM', () => console.log('"heard of it"'));
        setTimeout(() => gaveUp.say('consumer a.b', gap), 10);
        return app();
      `);
      await says('draining the rest');
      const url = linesOf(output()).find(({ msg }) => msg === 'listening')?.url;
      const answer = await fetch(new URL('/health/live', url));
      expect([answer.status, await answer.json()]).toMatchObject([
        503,
        { checks: [{ reason: 'consumer a.b cannot go on: offset 7 is gone; restore the topic.' }] },
      ]);
      child.kill('SIGTERM');
      await says('heard of it');
      child.kill('SIGUSR2');
      expect(await exited).toBe(1);
      expect(linesOf(output()).at(-1)).toMatchObject({ level: 60, code: 'LOG_OFFSET_GAP' });
    });

    it('still says why, when something goes wrong in the drain, and what else cannot go on', async () => {
      const { exited, output } = run(`
        closing = () => { Promise.reject(new Error('no way out')); return new Promise(() => {}); };
        setTimeout(() => {
          gaveUp.say('consumer a.b', gap);
          gaveUp.say('consumer a.b', new Error('again'));
          gaveUp.say('consumer a.c', new BanyanError('LOG_PARTITION_COUNT', 'declare 5.'));
        }, 10);
        return app();
      `);
      expect(await exited).toBe(1);
      const fatal = linesOf(output()).filter(({ level }) => level === 60);
      expect(fatal).toMatchObject([
        {
          code: 'LOG_OFFSET_GAP',
          also: [{ part: 'consumer a.c', code: 'LOG_PARTITION_COUNT', message: 'declare 5.' }],
          drainError: 'no way out',
        },
      ]);
    });
  });
});
