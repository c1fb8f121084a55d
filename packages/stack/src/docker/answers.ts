import { existsSync } from 'node:fs';
import { createConnection, type NetConnectOpts } from 'node:net';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { StackConfig } from '../config.js';

const PING_TIMEOUT_MS = 2_000;

type Place = Pick<StackConfig, 'dockerHost' | 'runtimeDirectory'>;

/**
 * True when a Docker daemon answers at once. Asked on a bare connection before a client library is loaded: most machines
 * without Docker are told apart in a millisecond, and a daemon that hangs costs 2 s and leaves nothing open.
 */
async function dockerAnswers(config: Place): Promise<boolean> {
  for (const place of places(config)) if (await answers(place)) return true;
  return false;
}

/** Where a daemon may listen, in the order in which testcontainers looks. */
function places({ dockerHost, runtimeDirectory }: Place): NetConnectOpts[] {
  if (dockerHost !== undefined) return placeOf(dockerHost);
  if (process.platform === 'win32') return [{ path: '//./pipe/docker_engine' }];
  const home = homedir();
  return [
    '/var/run/docker.sock',
    ...(runtimeDirectory === undefined ? [] : [join(runtimeDirectory, 'docker.sock')]),
    join(home, '.docker', 'run', 'docker.sock'),
    join(home, '.docker', 'desktop', 'docker.sock'),
    `/run/user/${userInfo().uid}/docker.sock`,
  ]
    .filter((path) => existsSync(path))
    .map((path) => ({ path }));
}

function placeOf(dockerHost: string): NetConnectOpts[] {
  if (dockerHost.startsWith('unix://')) return [{ path: dockerHost.slice('unix://'.length) }];
  if (dockerHost.startsWith('npipe://')) return [{ path: dockerHost.slice('npipe://'.length) }];
  if (!URL.canParse(dockerHost)) return [];
  const { hostname, port } = new URL(dockerHost);
  return [{ host: hostname, port: Number(port || 2375) }];
}

/** Any byte will do: a daemon that wants TLS answers plain HTTP with an error. */
function answers(place: NetConnectOpts): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ ...place, timeout: PING_TIMEOUT_MS });
    const done = (answer: boolean): void => {
      resolve(answer);
      socket.destroy();
    };
    socket.once('connect', () => socket.write('GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n'));
    socket.once('data', () => done(true));
    socket.once('timeout', () => done(false));
    socket.on('error', () => done(false));
    socket.once('close', () => done(false));
  });
}

export { dockerAnswers };
