import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PortClaims } from './port-claims.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'port-claims-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

describe('a claim of a port', () => {
  it('is kept as long as its process lives, and nobody else gets it', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)']);
    await once(other, 'spawn');
    const [mine, theirs] = [new PortClaims(folder), new PortClaims(folder, other.pid)];
    expect([theirs.claim(18_001), mine.claim(18_001), mine.claim(18_002), theirs.claim(18_002)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    other.kill('SIGKILL');
    await once(other, 'exit');
    expect([mine.claim(18_001), mine.claim(18_001)]).toEqual([true, true]);
    expect(readdirSync(folder).sort()).toEqual(['18001', '18002']);
  });
});
