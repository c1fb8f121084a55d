import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** As the Dockerfile has them. */
const APPS = /^ARG APPS="(.+)"$/m.exec(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'))?.[1]?.split(' ') ?? [];

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'banyan-production-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function manifests(...workspaces: readonly string[]): readonly string[] {
  const script = join(ROOT, 'tools/production-tree.mjs');
  execFileSync(process.execPath, [script, 'manifests', folder, ...workspaces], { stdio: 'pipe' });
  return read('.').workspaces;
}

function read(path: string) {
  return JSON.parse(readFileSync(join(folder, path, 'package.json'), 'utf8'));
}

describe('what goes into the image', () => {
  it('is every app, and what they reach', () => {
    expect(APPS).toContain('apps/cli');
    const workspaces = manifests(...APPS);
    expect(workspaces).toEqual(expect.arrayContaining([...APPS, 'packages/core', 'packages/transformer-order']));
    for (const path of workspaces) expect(existsSync(join(folder, path, 'package.json'))).toBe(true);
    expect(existsSync(join(folder, 'package-lock.json'))).toBe(true);
  });

  it('is nothing that only develops or tests them', () => {
    const workspaces = manifests(...APPS);
    for (const path of ['packages/stack', 'examples/legacy-northwind', 'e2e', 'tools/manifests']) {
      expect(workspaces).not.toContain(path);
    }
    for (const path of ['.', ...workspaces]) expect(read(path)).not.toHaveProperty('devDependencies');
  });

  it('refuses a workspace that there is not', () => {
    expect(() => manifests('apps/nobody')).toThrow('there is no workspace apps/nobody');
  });
});
