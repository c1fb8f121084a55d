import { isData, type Resource } from './resource.js';

/** Where a field names another object, by the last steps of its path. */
const PLACES: readonly { readonly kind: string; readonly path: readonly string[] }[] = [
  { kind: 'ConfigMap', path: ['configMapRef', 'name'] },
  { kind: 'ConfigMap', path: ['configMapKeyRef', 'name'] },
  { kind: 'ConfigMap', path: ['configMap', 'name'] },
  { kind: 'Secret', path: ['secretRef', 'name'] },
  { kind: 'Secret', path: ['secretKeyRef', 'name'] },
  { kind: 'Secret', path: ['secretName'] },
  { kind: 'ServiceAccount', path: ['serviceAccountName'] },
  { kind: 'Service', path: ['serviceName'] },
  { kind: 'PersistentVolumeClaim', path: ['claimName'] },
];

export interface Reference {
  readonly kind: string;
  readonly name: string;
}

/** @returns the resource with every name of another object put through `rename` */
export function withReferences(resource: Resource, rename: (to: Reference) => string): Resource {
  return walk(resource, [], rename) as Resource;
}

export function referencesOf(resource: Resource): readonly Reference[] {
  const found: Reference[] = [];
  withReferences(resource, (to) => {
    found.push(to);
    return to.name;
  });
  return found;
}

function walk(value: unknown, path: readonly string[], rename: (to: Reference) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => walk(item, path, rename));
  if (isData(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner, [...path, key], rename)]));
  }
  const place = typeof value === 'string' ? PLACES.find((one) => endsWith(path, one.path)) : undefined;
  return place === undefined ? value : rename({ kind: place.kind, name: String(value) });
}

function endsWith(path: readonly string[], end: readonly string[]): boolean {
  return end.every((step, index) => path[path.length - end.length + index] === step);
}
