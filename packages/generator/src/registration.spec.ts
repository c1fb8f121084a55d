import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { describedPages, PAGES } from './reference-rows.js';
import { depending, registered } from './registration.js';
import { named, numbered } from './testing/tables.fixture.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const read = (path: string) => readFileSync(ROOT + path, 'utf8');

/** What stands in `after` and not in `before`, which has to be there whole. */
function added(before: string, after: string): string[] {
  const lines = after.split('\n');
  for (const line of before.split('\n')) {
    const at = lines.indexOf(line);
    expect([line, at >= 0]).toEqual([line, true]);
    lines.splice(at, 1);
  }
  return lines;
}

describe('the list of what is being migrated', () => {
  const index = read('packages/migration/src/index.ts');

  it('gets an import and a line, the last one', () => {
    const after = registered(index, numbered);
    expect(added(index, after)).toEqual([
      "import { everything } from '@banyan/transformer-everything';",
      '  everything,',
    ]);
    expect(after).toMatch(/ {2}everything,\n\]\);/);
  });

  it('takes one entity after another', () => {
    expect(registered(registered(index, numbered), named)).toMatch(/ {2}everything,\n {2}territory,\n\]\);/);
  });

  it('is not touched where somebody has written it otherwise', () => {
    expect(() => registered('export const entities = [];', numbered)).toThrow('add the entity there by hand');
  });

  it('depends on the package', () => {
    const manifest = read('packages/migration/package.json');
    const after = depending(manifest, numbered);
    expect(added(manifest, after)).toEqual(['    "@banyan/transformer-everything": "0.1.0",']);
  });
});

describe('the pages that are held against the code', () => {
  const pages = describedPages(numbered, read);

  it('get the rows of the entity, and lose nothing', () => {
    const rows = PAGES.map((path) => added(read(path), pages.get(path) ?? '').filter((line) => line !== ''));
    expect(rows).toEqual([
      [
        '| `GET` | `/v2/everythings` | ListEverythings |',
        '| `POST` | `/v2/everythings` | AddEverything |',
        '| `GET` | `/v2/everythings/:id` | GetEverything |',
        '| `PUT` | `/v2/everythings/:id` | ChangeEverything |',
        '| `DELETE` | `/v2/everythings/:id` | RemoveEverything |',
      ],
      ['| `EVERYTHING_EXISTS` | The everything is there already. | Change it. |'],
      expect.arrayContaining(['## everything', expect.stringContaining('picture-1-not-in-v2')]),
    ]);
  });

  it('say so when they have another shape', () => {
    expect(() => describedPages(numbered, () => '# Moved')).toThrow('tell the generator where its rows go');
  });
});
