import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { entities } from '@banyan/migration';
import { describe, expect, it } from '@jest/globals';
import { followPage, ROOT, STEP_MS } from './testing/follow-page.js';

const NATURAL_KEY = 'fictionCode:code(5), name:text(40), note:text:nullable';
const EVERY_TYPE = [
  'given:text(40), order:text(5):nullable, story:text, user:text:nullable, age:smallint, size:smallint:nullable',
  'count:integer, rank:integer:nullable, weight:real, height:real:nullable, since:date, until:date:nullable',
].join(', ');
const PAGE = 'docs/tutorial/add-an-entity.md';
// Who follows the page commits suppliers; in such a checkout nobody can follow it again.
if (existsSync(join(ROOT, 'packages/transformer-supplier'))) {
  it(`${PAGE} was followed in this checkout: suppliers are being migrated`, () => {
    expect(entities.map(({ name }) => name)).toContain('supplier');
  });
} else {
  describe(PAGE, followAndGenerateMore);
}

function followAndGenerateMore(): void {
  const reader = followPage(PAGE);

  // Beside suppliers: a natural key, and every type there is, from a list.
  it('has a generator whose other entities are right at once as well, docs, schemas and boundaries included', async () => {
    const filters = ['fiction', 'everything'].map((name) => `--filter=@banyan/transformer-${name}`).join(' ');
    const made = ['supplier', 'fiction', 'everything'].map((name) => `packages/transformer-${name}`).join(' ');
    const { code, output } = await reader().run(
      [
        `npm run --silent generate:transformer -- fiction northwind natural-key '${NATURAL_KEY}'`,
        `npm run --silent generate:transformer -- everything northwind assigned-by-legacy '${EVERY_TYPE}'`,
        `npx turbo run build lint typecheck test ${filters} --output-logs=errors-only`,
        'npm run --silent schemas:check',
        'node tools/check-docs.mjs',
        `npx depcruise --config .dependency-cruiser.cjs packages/migration ${made}`,
      ].join(' && '),
      STEP_MS,
    );
    expect(code === 0 ? 'well' : output).toBe('well');
  }, 360_000);

  it('has a generator that writes nothing over', async () => {
    const again = 'npm run --silent generate:transformer -- supplier northwind assigned-by-legacy from-table=suppliers';
    const { code, output } = await reader().run(again, STEP_MS);
    expect([code, output]).toEqual([2, expect.stringContaining('packages/transformer-supplier is there already')]);
  }, 360_000);
}
