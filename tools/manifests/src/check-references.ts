import { referencesOf } from './references.js';
import { containersOf, type Labels, nameOf, type Resource, templateOf } from './resource.js';

/**
 * What objects say of each other: names that are there, selectors that find pods, ports that the found pods have.
 * @param secrets that every environment makes: those of the example
 */
export function checkReferences(resources: readonly Resource[], secrets: ReadonlySet<string>): readonly string[] {
  const there = new Set(resources.map(nameOf));
  const missing = resources.flatMap((resource) =>
    referencesOf(resource)
      .filter(({ kind, name }) => !there.has(`${kind} ${name}`) && !(kind === 'Secret' && secrets.has(name)))
      .map(({ kind, name }) => `${nameOf(resource)} names ${kind} ${name}, which is not there`),
  );
  return [...missing, ...resources.flatMap((resource) => selectorProblems(resource, resources))];
}

function selectorProblems(resource: Resource, resources: readonly Resource[]): readonly string[] {
  const selector = selectorOf(resource);
  if (selector === undefined) return [];
  const found = resources.filter((one) => selects(selector, labelsOf(one)));
  if (templateOf(resource) !== undefined) {
    const others = found.filter((one) => one !== resource);
    if (!found.includes(resource)) return [`${nameOf(resource)} does not select its own pods`];
    return others.map((one) => `${nameOf(resource)} also selects the pods of ${nameOf(one)}`);
  }
  if (found.length === 0) return [`${nameOf(resource)} selects no pods`];
  if (resource.kind === 'PodDisruptionBudget') return budgetProblems(resource, resources, found);
  return targetsOf(resource).flatMap((port) =>
    found
      .filter((one) => !portsOf(one).includes(port))
      .map((one) => `${nameOf(resource)} is about port ${port}, which ${nameOf(one)} does not have`),
  );
}

/** The API server refuses to evict a pod that has two. */
function budgetProblems(
  resource: Resource,
  resources: readonly Resource[],
  found: readonly Resource[],
): readonly string[] {
  const twice = resources.filter(
    (one) =>
      one.kind === 'PodDisruptionBudget' &&
      nameOf(one) < nameOf(resource) &&
      found.some((workload) => selects(selectorOf(one) ?? NOTHING, labelsOf(workload))),
  );
  return twice.map((one) => `${nameOf(resource)} and ${nameOf(one)} are of the same pods`);
}

interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values: readonly string[];
  }[];
}

const NOTHING: Selector = { matchExpressions: [{ key: 'nothing', operator: 'In', values: [] }] };

function selectorOf({ kind, spec }: Resource): Selector | undefined {
  const { selector, podSelector } = (spec ?? {}) as { selector?: Labels & Selector; podSelector?: Selector };
  if (kind === 'Service') return selector === undefined ? undefined : { matchLabels: selector };
  return selector ?? podSelector;
}

function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels | undefined): boolean {
  if (labels === undefined) return false;
  return (
    Object.entries(matchLabels).every(([label, value]) => labels[label] === value) &&
    matchExpressions.every(({ key, operator, values }) => {
      if (operator !== 'In') throw new Error(`The operator ${operator} of a selector is not known here`);
      return values.includes(labels[key] ?? '');
    })
  );
}

/** The ports, by name or number, that a Service sends to or a policy lets in. */
function targetsOf({ spec }: Resource): readonly (string | number)[] {
  const { ports = [], ingress = [] } = spec as {
    ports?: readonly { targetPort: string | number }[];
    ingress?: readonly { ports?: readonly { port: string | number }[] }[];
  };
  return [
    ...ports.map(({ targetPort }) => targetPort),
    ...ingress.flatMap((rule) => (rule.ports ?? []).map(({ port }) => port)),
  ];
}

function labelsOf(resource: Resource): Labels | undefined {
  return templateOf(resource)?.metadata.labels;
}

function portsOf(resource: Resource): readonly (string | number)[] {
  const template = templateOf(resource);
  const ports = template === undefined ? [] : containersOf(template).flatMap((one) => one.ports ?? []);
  return ports.flatMap(({ name, containerPort }) => [name, containerPort]);
}
