import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { newFiles } from './package-files.js';
import { named, numbered } from './testing/tables.fixture.js';

const versions = { zod: '1.2.3', fastCheck: '4.5.6' };

// Whether all of it builds and its tests pass is seen where it is generated into a checkout: e2e/src/tutorial.e2e.long.spec.ts.
describe.each([
  ['that legacy numbers', numbered],
  ['that people name', named],
])('the package of an entity %s', (_kind, model) => {
  const files = newFiles(model, versions);
  const sources = [...files].filter(([path]) => path.endsWith('.ts'));

  it('is TypeScript, every file of it', () => {
    expect(sources.length).toBe(19);
    for (const [path, text] of sources) {
      const { diagnostics = [] } = ts.transpileModule(text, { fileName: path, reportDiagnostics: true });
      expect([path, diagnostics.map(({ messageText }) => messageText)]).toEqual([path, []]);
    }
  });

  it('has nothing left of the templates, and no name that nobody gave', () => {
    for (const [path, text] of files) {
      expect([path, text.includes('\u0000'), text.match(/\[object |'undefined'|\wundefined|undefined\w/)]).toEqual([
        path,
        false,
        null,
      ]);
    }
  });

  it('imports what is there: ours by name, its own by path', () => {
    const home = `packages/transformer-${model.entity}/src/`;
    for (const [path, text] of sources) {
      const folder = path.slice(0, path.lastIndexOf('/') + 1);
      for (const [, target] of text.matchAll(/from '(\.[^']+)\.js'/g)) {
        const file = new URL(`${target}.ts`, `file:///${folder}`).pathname.slice(1);
        expect([path, files.has(file), file.startsWith(home)]).toEqual([path, true, true]);
      }
    }
  });

  it('has a doc on every field of its schemas, and what may be missing is null by default', () => {
    const schemas = [...files].filter(([path]) => path.endsWith('.avsc'));
    expect(schemas).toHaveLength(6);
    for (const [, text] of schemas) {
      const { fields } = JSON.parse(text) as { fields: { doc: string; type: unknown; default?: unknown }[] };
      for (const { doc, type, default: value } of fields) {
        expect([doc.length > 0, value]).toEqual([true, Array.isArray(type) ? null : undefined]);
      }
    }
  });

  it('depends on the versions that the others have', () => {
    const manifest = files.get(`packages/transformer-${model.entity}/package.json`) ?? '';
    expect(JSON.parse(manifest)).toMatchObject({
      dependencies: { zod: '1.2.3', '@banyan/northwind': '0.1.0' },
      devDependencies: { 'fast-check': '4.5.6' },
    });
  });

  it('declares the columns that it leaves in legacy', () => {
    expect(files.get(`packages/transformer-${model.entity}/src/legacy/${model.entity}.compare.ts`)).toContain(
      "name: 'picture-1-not-in-v2'",
    );
  });
});

it('quotes names in SQL that PostgreSQL keeps', () => {
  const model = { ...numbered, stateFields: numbered.stateFields.map((field) => ({ ...field, v2Column: 'order' })) };
  const files = newFiles(model, versions);
  expect(files.get('packages/transformer-everything/src/v2/migrations.ts')).toContain('"order" text not null');
  expect(files.get('packages/transformer-everything/src/v2/queries.ts')).toContain('"order" as "given0"');
});
