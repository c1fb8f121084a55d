import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { compile } from './avro.js';
import { catalogue } from './catalogue.js';
import { codecOver } from './codec.js';
import type { Registry } from './registry.js';
import { readReleased } from './schemas/released.js';

const FIXTURES = fileURLToPath(new URL('../fixtures/recorded/', import.meta.url));
const released = readReleased(fileURLToPath(new URL('../../../schemas/', import.meta.url)));

describe('bytes recorded in the past', () => {
  it('exist for every released schema', () => {
    expect(readdirSync(FIXTURES).sort()).toEqual(released.map((old) => `${old.fullName}.${old.version}.json`).sort());
  });

  it.each(released.map((old) => [`${old.fullName} version ${old.version}`, old] as const))(
    'are read by today’s code: %s',
    async (_, old) => {
      const recorded = JSON.parse(readFileSync(`${FIXTURES}${old.fullName}.${old.version}.json`, 'utf8'));
      const registry: Registry = {
        idOf: async () => undefined,
        register: async () => 0,
        schemaOf: async () => compile(old.schema),
      };
      const codec = codecOver(registry, [...catalogue.values()]);
      const decoded = await codec.decode(old.fullName, Buffer.from(recorded.bytes, 'hex'));
      expect(decoded).toMatchObject(recorded.data);
    },
  );
});
