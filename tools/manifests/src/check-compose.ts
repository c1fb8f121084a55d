import type { ComposeFile, Service } from './compose-file.js';
import { environmentProblems, readValue } from './environment.js';
import { programOf, type ReadConfig } from './programs.js';

export interface ComposeRules {
  readonly root: string;
  /** `banyan:0.1.0` */
  readonly image: string;
  readonly drainSeconds: number;
  /** Each of them is a service. */
  readonly apps: readonly string[];
}

/** The compose file against what it runs: images, order, health, ends, and each environment by the app's own config. */
export async function checkCompose(file: ComposeFile, rules: ComposeRules): Promise<readonly string[]> {
  const services = Object.entries(file.services);
  const missing = rules.apps.filter((app) => file.services[app] === undefined).map((app) => `${app} is no service`);
  const checked = await Promise.all(services.map(([name, service]) => serviceProblems(name, service, file, rules)));
  const problems = checked.flatMap((list, index) => list.map((problem) => `${services[index]?.[0]}: ${problem}`));
  return [...missing, ...problems].map((problem) => `docker-compose.yml: ${problem}`);
}

async function serviceProblems(
  name: string,
  service: Service,
  file: ComposeFile,
  rules: ComposeRules,
): Promise<readonly string[]> {
  const { image = '', volumes = [], environment = {} } = service;
  const problems: string[] = [];
  if (!/:[\w.-]+$/.test(image)) problems.push('no pinned image');
  for (const other of Object.keys(service.depends_on ?? {})) {
    if (file.services[other] === undefined) problems.push(`it waits for ${other}, which is not there`);
  }
  for (const volume of volumes) {
    const [source = ''] = volume.split(':');
    if (!source.startsWith('.') && !(source in file.volumes)) problems.push(`its volume ${source} is not declared`);
  }
  const serves = !ends(name, file) && !isForPeople(service);
  if (serves && service.healthcheck === undefined) problems.push('no health check');
  const program = await programOf(rules.root, [...(service.entrypoint ?? []), ...(service.command ?? [])]);
  if (program === undefined) {
    return image === rules.image ? [...problems, 'what it runs is not known'] : problems;
  }
  if (program.name.startsWith('apps/') && image !== rules.image) problems.push(`its image is not ${rules.image}`);
  const env = Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, String(value)]));
  problems.push(...environmentProblems(program.read, { all: env, own: Object.keys(env) }));
  problems.push(...neighbourProblems(env, file));
  if (serves) problems.push(...servingProblems(service, program.read, env, rules));
  return problems;
}

/** Others wait until it has ended. */
function ends(name: string, { services }: ComposeFile): boolean {
  return Object.values(services).some(
    ({ depends_on: others }) => others?.[name]?.condition === 'service_completed_successfully',
  );
}

/** `docker compose run`, and nothing brings it up. */
function isForPeople({ profiles = [] }: Service): boolean {
  return profiles.includes('operator');
}

function servingProblems(
  service: Service,
  read: ReadConfig,
  env: Readonly<Record<string, string>>,
  { drainSeconds }: ComposeRules,
): readonly string[] {
  const problems: string[] = [];
  const port = readValue(read, env, 'PORT');
  const healthPort = isExample(env) ? port : (readValue(read, env, 'ADMIN_PORT') ?? port);
  const asked = /127\.0\.0\.1\/(\d+) .*GET (\/[\w/]+)/.exec(service.healthcheck?.test.join(' ') ?? '');
  if (Number(asked?.[1]) !== healthPort) problems.push(`its health check does not ask port ${healthPort}`);
  if (!isExample(env) && asked?.[2] !== '/health/ready') problems.push('its health check does not ask /health/ready');
  for (const published of service.ports ?? []) {
    if (!published.startsWith('127.0.0.1:')) problems.push(`${published} is not of this machine only`);
    if (!published.endsWith(`:${port}`)) problems.push(`${published} is not its port ${port}`);
  }
  if (env.HOST !== '0.0.0.0') problems.push('HOST is not 0.0.0.0, so nobody beside it reaches it');
  const grace = Number.parseInt(service.stop_grace_period ?? '10s', 10);
  if (grace <= drainSeconds)
    problems.push(`${grace} s of grace are not above the ${drainSeconds} s in which it drains`);
  return problems;
}

/** Somebody else's system: it has no health pages, and its admin port makes faults. */
function isExample(env: Readonly<Record<string, string>>): boolean {
  return env.KAFKA_BROKERS === undefined;
}

/** `http://legacy-porter:4002` names a service of the file. */
function neighbourProblems(env: Readonly<Record<string, string>>, { services }: ComposeFile): readonly string[] {
  return Object.entries(env)
    .filter(([name]) => name.endsWith('_URL'))
    .map(([name, value]) => ({ name, host: new URL(value).hostname }))
    .filter(({ host }) => services[host] === undefined)
    .map(({ name, host }) => `${name} names ${host}, which is no service`);
}
