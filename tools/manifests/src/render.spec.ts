import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { compare, parseResources } from './kustomize.js';
import { render } from './render.js';
import { nameOf } from './resource.js';

const FIXTURES = fileURLToPath(new URL('../fixtures', import.meta.url));
const HEAD = 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n';
const ACCOUNT = 'apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: account\n';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'banyan-manifests-'));
  writeFileSync(join(folder, 'account.yaml'), ACCOUNT);
});
afterEach(() => rmSync(folder, { recursive: true }));

function renderFolder(kustomization: string) {
  writeFileSync(join(folder, 'kustomization.yaml'), HEAD + kustomization);
  return render(folder).resources;
}

describe('rendering', () => {
  it('gives the same objects as kustomize', () => {
    const recorded = parseResources(readFileSync(join(FIXTURES, 'overlay.yaml'), 'utf8'));
    expect(recorded).toHaveLength(13);
    expect(compare(render(join(FIXTURES, 'overlay')).resources, recorded)).toEqual([]);
  });

  it('tells what is different, missing or too much', () => {
    const [first, second, ...rest] = render(join(FIXTURES, 'overlay')).resources;
    if (first === undefined || second === undefined) throw new Error('nothing was rendered');
    const changed = { ...first, metadata: { ...first.metadata, labels: {} } };
    expect(compare([changed, second], [first, ...rest]).map((line) => line.split(':')[0])).toEqual(
      [first, second, ...rest].map(nameOf),
    );
  });

  it.each([
    ['namePrefix: a-', 'namePrefix'],
    ['patches: [{path: a.yaml}]', 'path'],
    ['labels: [{pairs: {a: b}, fields: []}]', 'fields'],
    ['configMapGenerator: [{name: a, files: [b]}]', 'files'],
  ])('refuses what it does not know instead of passing it over: %s', (line, word) => {
    expect(() => renderFolder(line)).toThrow(word);
  });

  it('refuses a patch that changes anything but by a list of operations', () => {
    const patch = '  - patch: |-\n      kind: ServiceAccount\n      metadata: {name: account, labels: {a: b}}\n';
    expect(() => renderFolder(`resources: [account.yaml]\npatches:\n${patch}`)).toThrow('Only lists of operations');
  });

  it.each([
    ['a patch without a target', 'patches: [{target: {kind: Job}, patch: "[]"}]'],
    ['an object that is there twice', 'resources: [account.yaml, account.yaml]'],
    ['a file that is not there', 'resources: [nobody.yaml]'],
    ['a merge into nothing', 'configMapGenerator: [{name: a, behavior: merge, literals: [B=c]}]'],
  ])('refuses %s', (_, line) => {
    expect(() => renderFolder(line)).toThrow();
  });
});
