// The Kubernetes base and the compose file: every file parses, every listed resource is there and nothing lies about
// unlisted, what manifests name in each other exists, and each app is deployed.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BASE = `${ROOT}k8s/base`;
const problems = [];

const kustomization = parse(readFileSync(`${BASE}/kustomization.yaml`, 'utf8'));
const listed = new Set(kustomization.resources);
const files = readdirSync(BASE).filter((file) => file.endsWith('.yaml') && file !== 'kustomization.yaml');
for (const file of files) if (!listed.has(file)) problems.push(`k8s/base/${file} is not listed in kustomization.yaml`);
for (const file of listed)
  if (!files.includes(file)) problems.push(`kustomization.yaml lists ${file}, which is not there`);

const resources = files.flatMap((file) => documents(`${BASE}/${file}`));
const workloads = resources.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet');
const accounts = new Set(resources.filter(({ kind }) => kind === 'ServiceAccount').map(nameOf));
const configMaps = new Set(kustomization.configMapGenerator.map(({ name }) => name));

for (const workload of workloads) {
  const name = nameOf(workload);
  const pod = workload.spec.template;
  const selected = workload.spec.selector.matchLabels;
  for (const [label, value] of Object.entries(selected)) {
    if (pod.metadata.labels[label] !== value) problems.push(`${name}: its selector does not match its pods (${label})`);
  }
  if (!accounts.has(pod.spec.serviceAccountName)) problems.push(`${name}: no such service account`);
  for (const container of pod.spec.containers) {
    const ports = new Set(container.ports.map(({ name }) => name));
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
      if (!ports.has(container[probe]?.httpGet?.port)) problems.push(`${name}: ${probe} asks a port that is not there`);
    }
    for (const source of container.envFrom) {
      if (source.configMapRef && !configMaps.has(source.configMapRef.name)) problems.push(`${name}: no such ConfigMap`);
    }
    if (!container.resources?.limits?.memory) problems.push(`${name}: no memory limit`);
  }
  if (!resources.some((one) => one.kind === 'Service' && nameOf(one) === name)) problems.push(`${name}: no Service`);
}
for (const app of readdirSync(`${ROOT}apps`)) {
  if (app !== 'cli' && !workloads.some((one) => nameOf(one) === app))
    problems.push(`apps/${app} is not deployed by k8s/base`);
}

const compose = parse(readFileSync(`${ROOT}docker-compose.yml`, 'utf8'));
for (const [name, service] of Object.entries(compose.services)) {
  if (!/:[\w.-]+$/.test(service.image ?? '')) problems.push(`docker-compose.yml: ${name} has no pinned image`);
  if (!service.healthcheck) problems.push(`docker-compose.yml: ${name} has no health check`);
}

for (const problem of problems) process.stderr.write(`${problem}\n`);
process.stdout.write(
  `${resources.length} resources, ${Object.keys(compose.services).length} services, ${problems.length} problems\n`,
);
process.exit(problems.length === 0 ? 0 : 1);

function documents(path) {
  return parseAllDocuments(readFileSync(path, 'utf8')).map((document) => {
    for (const error of document.errors) problems.push(`${path.replace(ROOT, '')}: ${error.message}`);
    return document.toJS();
  });
}

function nameOf(resource) {
  return resource.metadata.name;
}
