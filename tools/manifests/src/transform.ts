import { parse } from 'yaml';
import { applyOperation, type Operation } from './json-patch.js';
import type { ImageArgs, LabelArgs, PatchArgs } from './kustomization.js';
import { withReferences } from './references.js';
import { type Container, isData, nameOf, type Resource, templateOf } from './resource.js';

/** Kinds that belong to the cluster: no namespace, and no suffix either. */
const CLUSTER_WIDE = new Set(['Namespace', 'ClusterRole', 'ClusterRoleBinding', 'PersistentVolume', 'StorageClass']);

export function withNamespace(resource: Resource, namespace: string): Resource {
  const { kind, metadata } = resource;
  if (kind === 'Namespace') return { ...resource, metadata: { ...metadata, name: namespace } };
  if (CLUSTER_WIDE.has(kind)) return resource;
  return { ...resource, metadata: { ...metadata, namespace } };
}

/** All of one kustomization together: what they say of each other follows. */
export function withSuffix(resources: readonly Resource[], suffix: string): Resource[] {
  // Their contents are known by the names that they were generated under.
  const generated = resources.find(({ kind, data }) => kind === 'ConfigMap' && data === undefined);
  if (generated !== undefined) throw new Error(`${nameOf(generated)}: a suffix on what is generated is not known here`);
  const renamed = new Set(resources.filter(({ kind }) => !CLUSTER_WIDE.has(kind)).map(nameOf));
  return resources.map((resource) => {
    const { metadata } = resource;
    const own = renamed.has(nameOf(resource)) ? { ...metadata, name: metadata.name + suffix } : metadata;
    return withReferences({ ...resource, metadata: own }, ({ kind, name }) =>
      renamed.has(`${kind} ${name}`) ? name + suffix : name,
    );
  });
}

/** Where a kind has labels by which it finds pods. */
const SELECTORS: Readonly<Record<string, string>> = {
  Deployment: '/spec/selector/matchLabels',
  StatefulSet: '/spec/selector/matchLabels',
  PodDisruptionBudget: '/spec/selector/matchLabels',
  NetworkPolicy: '/spec/podSelector/matchLabels',
  Service: '/spec/selector',
};

export function withLabels(resource: Resource, args: LabelArgs): Resource {
  const { pairs, includeSelectors, includeTemplates } = args;
  const selector = SELECTORS[resource.kind];
  let labelled = merged(resource, '/metadata/labels', pairs);
  if ((includeSelectors || includeTemplates) && templateOf(resource) !== undefined) {
    labelled = merged(labelled, '/spec/template/metadata/labels', pairs);
    labelled = claimsLabelled(labelled, pairs);
  }
  if (!includeSelectors) return labelled;
  if (selector !== undefined) return merged(labelled, selector, pairs);
  if (['ConfigMap', 'Secret', 'ServiceAccount'].includes(resource.kind)) return labelled;
  throw new Error(`${nameOf(resource)}: how a ${resource.kind} selects is not known here`);
}

function claimsLabelled(resource: Resource, pairs: LabelArgs['pairs']): Resource {
  const { volumeClaimTemplates: claims } = resource.spec as { volumeClaimTemplates?: readonly Resource[] };
  const labelled = claims?.map((claim) => merged(claim, '/metadata/labels', pairs));
  return labelled === undefined ? resource : merged(resource, '/spec', { volumeClaimTemplates: labelled });
}

function merged(resource: Resource, path: string, fields: object): Resource {
  const steps = path.split('/').slice(1);
  const into = (value: unknown, [step, ...rest]: readonly string[]): object => {
    const data = isData(value) ? value : {};
    return step === undefined ? { ...data, ...fields } : { ...data, [step]: into(data[step], rest) };
  };
  return into(resource, steps) as Resource;
}

export function withImages(resource: Resource, images: readonly ImageArgs[]): Resource {
  const template = templateOf(resource);
  if (template === undefined) return resource;
  const replaced = (container: Container): Container => {
    const [, name] = /^(.*?)(?::[^:/]*)?$/.exec(container.image) ?? [];
    const found = images.find((image) => image.name === name);
    return found === undefined ? container : { ...container, image: `${found.newName}:${found.newTag}` };
  };
  const { initContainers, containers } = template.spec;
  return merged(resource, '/spec/template/spec', {
    containers: containers.map(replaced),
    ...(initContainers === undefined ? {} : { initContainers: initContainers.map(replaced) }),
  });
}

/** A change by RFC 6902 of what `target` names, or the removal of an object (`$patch: delete`). */
export function withPatch(resources: readonly Resource[], args: PatchArgs): Resource[] {
  const read: unknown = parse(args.patch);
  if (Array.isArray(read)) return withOperations(resources, read as Operation[], args.target);
  const patch = read as Partial<Resource> & { $patch?: string };
  if (args.target !== undefined || patch.$patch !== 'delete' || patch.spec !== undefined) {
    throw new Error(`Only lists of operations and "$patch: delete" are known here, not:\n${args.patch}`);
  }
  const left = resources.filter((one) => !(one.kind === patch.kind && one.metadata.name === patch.metadata?.name));
  if (left.length === resources.length) throw new Error(`There is nothing to delete for:\n${args.patch}`);
  return left;
}

function withOperations(
  resources: readonly Resource[],
  operations: readonly Operation[],
  target: PatchArgs['target'],
): Resource[] {
  const meant = resources.filter(
    ({ kind, metadata }) => kind === target?.kind && (target.name ?? metadata.name) === metadata.name,
  );
  if (meant.length === 0) throw new Error(`A patch has no target: ${JSON.stringify(target)}`);
  return resources.map((resource) =>
    meant.includes(resource) ? operations.reduce(applyOperation, resource) : resource,
  );
}
