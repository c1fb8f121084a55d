import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { BanyanError } from '@banyan/core';
import { PortClaims } from './port-claims.js';

const LOWEST = 18_000;
const HIGHEST = 31_000;

const claims = new PortClaims();
/** Given out here: nobody may listen there yet, and the claim is this process's own, so neither of them tells. */
const given = new Set<number>();

/** True when a server may listen at this port of 127.0.0.1 now. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * Free ports of 127.0.0.1, all different; those in `wanted` are kept where they are free. As long as this process lives, they are given to
 * nobody else, here or in another one.
 *
 * Not from the range the kernel gives to outgoing connections: a client that dials a port of that range while the server is
 * down may get the same port as its own end, connect to itself and keep the server from coming back.
 */
async function freePorts(count: number, wanted: readonly number[] = []): Promise<number[]> {
  const ports: number[] = [];
  for (let index = 0; index < count; index++) {
    const port = await freePort(wanted[index], ports);
    given.add(port);
    ports.push(port);
  }
  return ports;
}

async function freePort(wanted: number | undefined, taken: readonly number[]): Promise<number> {
  const mayHave = async (port: number) => !taken.includes(port) && claims.claim(port) && (await isFree(port));
  if (wanted !== undefined && (await mayHave(wanted))) return wanted;
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = randomInt(LOWEST, HIGHEST);
    if (!given.has(port) && (await mayHave(port))) return port;
  }
  throw new BanyanError(
    'STACK_NO_FREE_PORT',
    `No free port between ${LOWEST} and ${HIGHEST} after 200 tries; stop what listens there.`,
  );
}

export { freePorts };
