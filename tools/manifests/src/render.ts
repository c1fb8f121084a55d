import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type Generated, generate, hashOf } from './config-map.js';
import { isKustomization, type Kustomization, readKustomization } from './kustomization.js';
import { withReferences } from './references.js';
import { nameOf, type Resource } from './resource.js';
import { withImages, withLabels, withNamespace, withPatch, withSuffix } from './transform.js';

export interface Rendered {
  readonly resources: readonly Resource[];
  /** Every file that was read, absolute. */
  readonly files: readonly string[];
}

/**
 * What `kubectl kustomize <directory>` gives, for the part of kustomize that k8s/ uses (kustomization.ts lists it): on npm there is no
 * kustomize to call. That it gives the same objects is checked against recorded output of the real one in render.spec.ts.
 * @throws on anything that it does not know, on names that are there twice, and on YAML that does not parse
 */
export function render(directory: string): Rendered {
  const build = new Build();
  const resources = build.level(resolve(directory), []);
  return { resources: withHashes(resources, build.generated), files: [...build.files] };
}

class Build {
  readonly files = new Set<string>();
  readonly generated: Generated = new Map();

  /** @param inherited what a component is put on; nothing for a kustomization of its own */
  level(directory: string, inherited: readonly Resource[]): Resource[] {
    const kustomization = readKustomization(directory);
    this.files.add(join(directory, 'kustomization.yaml'));
    let resources = [...inherited, ...kustomization.resources.flatMap((path) => this.resource(join(directory, path)))];
    for (const component of kustomization.components) resources = this.level(join(directory, component), resources);
    for (const args of kustomization.configMapGenerator) {
      for (const file of args.envs) this.files.add(join(directory, file));
      generate(this.generated, directory, args);
      if (args.behavior === 'create') resources.push(configMap(args.name));
    }
    return distinct(transformed(resources, kustomization), directory);
  }

  private resource(path: string): Resource[] {
    if (statSync(path).isDirectory() && isKustomization(path)) return this.level(path, []);
    this.files.add(path);
    return readResources(path);
  }
}

/** In kustomize's order: patches see names as they were written. */
function transformed(resources: readonly Resource[], kustomization: Kustomization): Resource[] {
  const { patches, namespace, nameSuffix, labels, images } = kustomization;
  let result = patches.reduce(withPatch, [...resources]);
  if (namespace !== undefined) result = result.map((one) => withNamespace(one, namespace));
  if (nameSuffix !== undefined) result = withSuffix(result, nameSuffix);
  for (const args of labels) result = result.map((one) => withLabels(one, args));
  return result.map((one) => withImages(one, images));
}

/** A whole file of objects. Throws on YAML that does not parse. */
export function readResources(path: string): Resource[] {
  return parseAllDocuments(readFileSync(path, 'utf8')).map((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw new Error(`${path}: ${error.message}`);
    return document.toJS() as Resource;
  });
}

function configMap(name: string): Resource {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } };
}

function distinct(resources: Resource[], directory: string): Resource[] {
  const names = new Set<string>();
  for (const resource of resources) {
    if (names.has(nameOf(resource))) throw new Error(`${directory}: ${nameOf(resource)} is there twice`);
    names.add(nameOf(resource));
  }
  return resources;
}

/** Last of all, when the contents are known: whoever names a generated ConfigMap names it with its hash. */
function withHashes(resources: readonly Resource[], generated: Generated): Resource[] {
  const names = new Map<string, string>();
  const filled = resources.map((resource) => {
    const { kind, metadata } = resource;
    const data = kind === 'ConfigMap' ? generated.get(metadata.name) : undefined;
    if (data === undefined) return resource;
    const hashed = `${metadata.name}-${hashOf(data)}`;
    names.set(metadata.name, hashed);
    return { ...resource, data, metadata: { ...metadata, name: hashed } };
  });
  return filled.map((resource) =>
    withReferences(resource, ({ kind, name }) => (kind === 'ConfigMap' ? (names.get(name) ?? name) : name)),
  );
}
