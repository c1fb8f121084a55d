import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { dockerAnswers } from './answers.js';

let folder: string;
let server: Server | undefined;

/** A daemon at a socket of its own that says `answer`, or nothing at all. */
async function daemon(answer: string | undefined): Promise<string> {
  const path = join(folder, 'docker.sock');
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => answer === undefined || socket.end(answer));
  });
  await new Promise<void>((resolve) => server?.listen(path, resolve));
  return `unix://${path}`;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'banyan-docker-'));
});

afterEach(() => {
  server?.close();
  server = undefined;
  rmSync(folder, { recursive: true });
});

describe('Docker', () => {
  it('answers when its daemon does', async () => {
    const dockerHost = await daemon('HTTP/1.0 200 OK\r\n\r\nOK');
    expect(await dockerAnswers({ dockerHost, runtimeDirectory: undefined })).toBe(true);
  });

  it('does not answer when nobody listens', async () => {
    const dockerHost = `unix://${join(folder, 'nobody.sock')}`;
    expect(await dockerAnswers({ dockerHost, runtimeDirectory: undefined })).toBe(false);
  });

  it('does not answer when its daemon hangs', async () => {
    const dockerHost = await daemon(undefined);
    expect(await dockerAnswers({ dockerHost, runtimeDirectory: undefined })).toBe(false);
  });

  it('does not answer at an address that is none', async () => {
    expect(await dockerAnswers({ dockerHost: 'nonsense', runtimeDirectory: undefined })).toBe(false);
  });
});
