import { environmentProblems, readValue } from './environment.js';
import { type Program, programOf } from './programs.js';
import { type Container, containersOf, nameOf, type PodTemplate, type Resource, templateOf } from './resource.js';

export interface WorkloadRules {
  /** The checkout. */
  readonly root: string;
  /** What the image is called before an environment gives it another name. */
  readonly image: RegExp;
  /** In how many seconds an app drains at most. */
  readonly drainSeconds: number;
  /** Those that an environment makes: without them no environment of an app is whole. */
  readonly secrets: readonly Resource[];
}

/** Workloads against what they run: the image, its ports and probes, its end, and its environment by the app's own config. */
export async function checkWorkloads(resources: readonly Resource[], rules: WorkloadRules): Promise<readonly string[]> {
  const lists = await Promise.all(
    resources.map(async (resource) => {
      const template = templateOf(resource);
      if (template === undefined) return [];
      const containers = await Promise.all(
        containersOf(template).map((one) => containerProblems(one, resources, rules)),
      );
      const problems = [...podProblems(template, rules), ...containers.flat()];
      return problems.map((problem) => `${nameOf(resource)}: ${problem}`);
    }),
  );
  return lists.flat();
}

function podProblems({ spec }: PodTemplate, { drainSeconds }: WorkloadRules): readonly string[] {
  const { runAsNonRoot, runAsUser } = spec.securityContext ?? {};
  const serves = spec.containers.some(({ ports }) => ports !== undefined);
  const slept = spec.containers.map(({ lifecycle }) => Number(lifecycle?.preStop?.exec?.command?.[1] ?? 0));
  const needed = Math.max(...slept) + drainSeconds;
  const grace = spec.terminationGracePeriodSeconds ?? 30;
  return [
    ...(runAsNonRoot === true && runAsUser === 1000 ? [] : ['its pods do not run as user 1000']),
    ...(serves && grace <= needed ? [`${grace} s of grace are not above the ${needed} s that its end takes`] : []),
  ];
}

async function containerProblems(
  container: Container,
  resources: readonly Resource[],
  rules: WorkloadRules,
): Promise<readonly string[]> {
  const problems: string[] = [];
  if (!rules.image.test(container.image)) problems.push(`its image is ${container.image}, not ${rules.image.source}`);
  if (container.resources?.limits?.memory === undefined) problems.push('no memory limit');
  if (container.securityContext?.readOnlyRootFilesystem !== true) problems.push('its root file system can be written');
  const program = await runs(container, rules.root);
  const env = environmentOf(container, [...resources, ...rules.secrets]);
  if (program === undefined) return [...problems, `what it runs is not known: ${wordsOf(container).join(' ')}`];
  problems.push(...environmentProblems(program.read, env));
  if (program.name.startsWith('apps/')) problems.push(...portProblems(container, program, env.all));
  return [...problems, ...neighbourProblems(env.all, resources)];
}

/** The pod in which people run banyan waits for them. */
async function runs(container: Container, root: string): Promise<Program | undefined> {
  const words = wordsOf(container);
  return programOf(root, words.join(' ') === 'sleep infinity' ? ['banyan'] : words);
}

function wordsOf({ command, args }: Container): readonly string[] {
  return [...(command ?? []), ...(args ?? [])];
}

/** A pod's name stands for what the cluster fills in. */
function environmentOf(container: Container, resources: readonly Resource[]) {
  const named = Object.fromEntries((container.env ?? []).map(({ name, value }) => [name, value ?? 'pod-0']));
  const sources = (container.envFrom ?? []).map(({ configMapRef, secretRef }) => {
    const kind = configMapRef === undefined ? 'Secret' : 'ConfigMap';
    const name = (configMapRef ?? secretRef)?.name;
    const source = resources.find((one) => one.kind === kind && one.metadata.name === name);
    return {
      shared: isShared(name),
      data: filledIn((source?.data ?? source?.stringData ?? {}) as Record<string, string>),
    };
  });
  return {
    all: Object.assign({}, ...sources.map(({ data }) => data), named) as Record<string, string>,
    own: [...Object.keys(named), ...sources.filter(({ shared }) => !shared).flatMap(({ data }) => Object.keys(data))],
  };
}

/** With something real where a person has to put it: apps refuse `<operator-token>`, as they should. */
function filledIn(data: Readonly<Record<string, string>>): Record<string, string> {
  const filled = Object.entries(data).map(([name, value]) => [name, value.replace(/<[\w-]+>/, 'x'.repeat(16))]);
  return Object.fromEntries(filled) as Record<string, string>;
}

/** The one address book that every container gets, whatever it needs of it. */
function isShared(name: string | undefined): boolean {
  return name !== undefined && /^banyan-/.test(name);
}

/** The ports that the app listens on by its environment are those of the container, and the probes ask the right one. */
function portProblems(container: Container, { read }: Program, env: Record<string, string>): readonly string[] {
  const problems: string[] = [];
  const byName = new Map((container.ports ?? []).map(({ name, containerPort }) => [name, containerPort]));
  if (byName.size === 0) problems.push('no port');
  const listens = { http: 'PORT', admin: 'ADMIN_PORT' } as const;
  for (const [name, port] of byName) {
    const variable = listens[name as keyof typeof listens] as string | undefined;
    const value = variable === undefined ? undefined : (env[variable] ?? readValue(read, env, variable));
    if (Number(value) !== port) problems.push(`port ${name} is ${port}, and ${variable ?? 'no variable'} is ${value}`);
  }
  const healthy = byName.has('admin') ? 'admin' : 'http';
  for (const [probe, path] of PROBES) {
    const { httpGet } = container[probe] ?? {};
    if (httpGet?.port !== healthy) problems.push(`${probe} does not ask port ${healthy}`);
    if (httpGet?.path !== path) problems.push(`${probe} does not ask ${path}`);
  }
  return problems;
}

const PROBES = [
  ['startupProbe', '/health/live'],
  ['livenessProbe', '/health/live'],
  ['readinessProbe', '/health/ready'],
] as const;

/** Addresses of our own apps: `http://legacy-porter:8080` is a Service of that name with that port. */
function neighbourProblems(env: Record<string, string>, resources: readonly Resource[]): readonly string[] {
  return Object.entries(env)
    .filter(([name]) => OURS.has(name))
    .flatMap(([name, value]) => value.split(',').map((url) => ({ name, url: new URL(url) })))
    .filter(({ url }) => !resources.some((one) => isService(one, url)))
    .map(({ name, url }) => `${name} is ${url.origin}, and there is no such Service`);
}

const OURS = new Set(['NEW_API_URL', 'PORTER_URL', 'PROJECTOR_URL', 'PROXY_ADMIN_URL']);

function isService({ kind, metadata, spec }: Resource, url: URL): boolean {
  if (kind !== 'Service' || metadata.name !== url.hostname) return false;
  return (spec as { ports: { port: number }[] }).ports.some(({ port }) => port === Number(url.port || 80));
}
