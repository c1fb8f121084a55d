import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readAnswers } from './answers.js';
import { generate } from './generate.js';
import { PAGES } from './reference-rows.js';
import { everyType } from './testing/tables.fixture.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const NEEDED = [
  'packages/migration/src/index.ts',
  'packages/migration/package.json',
  'packages/northwind/package.json',
  'packages/transformer/package.json',
  ...PAGES,
];
const answers = readAnswers(['everything', 'northwind', 'assigned-by-legacy', 'from-table=everythings']);

let checkout: string;

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'banyan-generate-'));
  for (const path of NEEDED) {
    mkdirSync(dirname(join(checkout, path)), { recursive: true });
    cpSync(join(ROOT, path), join(checkout, path));
  }
});

afterEach(() => rmSync(checkout, { recursive: true }));

describe('generating', () => {
  it('writes the schemas and the package, and names it where it is used', () => {
    const { written, changed } = generate(checkout, answers, everyType);
    for (const path of written) expect([path, existsSync(join(checkout, path))]).toEqual([path, true]);
    for (const path of changed) {
      expect([path, /everything/i.test(readFileSync(join(checkout, path), 'utf8'))]).toEqual([path, true]);
    }
    expect(readdirSync(join(checkout, 'schemas/northwind/everything/v1'))).toHaveLength(6);
  });

  it('writes nothing over: a second time is refused, and leaves everything as it is', () => {
    generate(checkout, answers, everyType);
    const index = join(checkout, 'packages/migration/src/index.ts');
    const before = readFileSync(index, 'utf8');
    expect(() => generate(checkout, answers, everyType)).toThrow(
      /packages\/transformer-everything is there already[\s\S]*schemas\/northwind\/everything is there already/,
    );
    expect(readFileSync(index, 'utf8')).toBe(before);
  });

  it('writes nothing at all where something is in the way', () => {
    rmSync(join(checkout, 'packages/northwind'), { recursive: true });
    expect(() => generate(checkout, answers, everyType)).toThrow('packages/northwind is not there');
    expect(existsSync(join(checkout, 'schemas'))).toBe(false);
    expect(readdirSync(join(checkout, 'packages')).sort()).toEqual(['migration', 'transformer']);
  });
});
