import { createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { freePorts } from './ports.js';

describe('free ports', () => {
  it('are all different and below those of outgoing connections', async () => {
    const ports = await freePorts(20);
    expect(new Set(ports).size).toBe(20);
    expect(ports.every((port) => port >= 18_000 && port < 31_000)).toBe(true);
  });

  it('are never given twice, whether somebody listens there yet or not', async () => {
    const given = await freePorts(400);
    const more = await freePorts(400);
    expect(new Set([...given, ...more]).size).toBe(800);
  });

  it('are the wanted ones unless somebody listens there', async () => {
    const [taken = 0, free = 0] = await freePorts(2);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(taken, '127.0.0.1', resolve));
    try {
      const [first, second] = await freePorts(2, [taken, free]);
      expect(first).not.toBe(taken);
      expect(second).toBe(free);
    } finally {
      server.close();
    }
  });
});
