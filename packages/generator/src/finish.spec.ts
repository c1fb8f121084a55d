import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { finish, type Step, stepsBehind } from './finish.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'banyan-finish-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const shell = (script: string): Step => ({ command: 'sh', args: ['-c', script], why: `ran ${script}` });

describe('finishing', () => {
  it('runs the steps in order, in the checkout, and says what each was for', () => {
    const said: string[] = [];
    finish(root, [shell('printf a > made'), shell('printf b >> made')], (line) => said.push(line));
    expect(readFileSync(join(root, 'made'), 'utf8')).toBe('ab');
    expect(said).toEqual(['ran printf a > made', 'ran printf b >> made']);
  });

  it('stops at the step that fails, with its words and what is left', () => {
    const steps = [shell('true'), shell('echo no network >&2; exit 3'), shell('printf late > made')];
    expect(() => finish(root, steps, () => undefined)).toThrow(
      /no network[\s\S]*what is left:\n {2}sh -c echo no network >&2; exit 3\n {2}sh -c printf late > made$/,
    );
    expect(() => readFileSync(join(root, 'made'))).toThrow('ENOENT');
  });

  it('says so when a command is not there', () => {
    expect(() => finish(root, [{ command: 'no-such-command', args: [], why: '' }], () => undefined)).toThrow('ENOENT');
  });

  it('formats code and nothing else: a page keeps the form that people gave it', () => {
    const [format] = stepsBehind(['a.ts', 'b.json', 'c.md', 'd.avsc']);
    expect(format?.args).toEqual(['biome', 'check', '--write', '--log-level=error', 'a.ts', 'b.json']);
  });
});
