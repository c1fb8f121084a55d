import { execFileSync } from 'node:child_process';
import { isDeepStrictEqual } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { nameOf, type Resource } from './resource.js';

/**
 * Where what was rendered here differs from what kustomize itself makes of the same directory.
 * @param command `kustomize build`, `kubectl kustomize`
 */
export function differences(resources: readonly Resource[], directory: string, command: string): readonly string[] {
  const [program = '', ...words] = command.split(' ');
  return compare(resources, parseResources(execFileSync(program, [...words, directory], { encoding: 'utf8' })));
}

export function parseResources(text: string): readonly Resource[] {
  return parseAllDocuments(text).map((document) => document.toJS() as Resource);
}

/** In whatever order: the API server does not care. */
export function compare(resources: readonly Resource[], real: readonly Resource[]): readonly string[] {
  const ours = new Map(resources.map((resource) => [nameOf(resource), resource]));
  const theirs = new Map(real.map((resource) => [nameOf(resource), resource]));
  return [...new Set([...ours.keys(), ...theirs.keys()])]
    .filter((name) => !isDeepStrictEqual(ours.get(name), theirs.get(name)))
    .map((name) => `${name}: ${JSON.stringify(ours.get(name))}, and by kustomize ${JSON.stringify(theirs.get(name))}`);
}
