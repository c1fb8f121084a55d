/**
 * `node tools/check-manifests.mjs`: renders k8s/base and every overlay and checks what comes out, and checks the compose file.
 * `--kustomize "kubectl kustomize"` also renders with that command and tells what is different.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { entities } from '@banyan/migration';
import { DRAIN_MS } from '@banyan/service';
import { checkCompose } from './check-compose.js';
import { checkReferences } from './check-references.js';
import { checkTransformers } from './check-transformers.js';
import { checkWorkloads } from './check-workloads.js';
import { readComposeFile } from './compose-file.js';
import { differences } from './kustomize.js';
import { render } from './render.js';
import { checkSchemas } from './schema-check.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const K8S = join(ROOT, 'k8s');
/** The one overlay with Secrets: made up, but whole. */
const EXAMPLE = 'overlays/example';
const CONSUMERS = ['v2-projector', 'legacy-porter'];

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
const drainSeconds = DRAIN_MS / 1000;
const problems: string[] = [];

const directories = ['base', ...foldersOf(join(K8S, 'overlays')).map((name) => `overlays/${name}`)];
const rendered = new Map(directories.map((directory) => [directory, render(join(K8S, directory))]));
const secrets = (rendered.get(EXAMPLE)?.resources ?? []).filter(({ kind }) => kind === 'Secret');
const secretNames = new Set(secrets.map(({ metadata }) => metadata.name));
const apps = foldersOf(join(ROOT, 'apps')).filter((app) => app !== 'cli');
for (const [directory, { resources }] of rendered) {
  const image = directory === EXAMPLE ? /\/banyan:[\w.-]+$/ : new RegExp(`^banyan:${version.replaceAll('.', '\\.')}$`);
  const found = [
    ...(await checkSchemas(resources)),
    ...checkReferences(resources, secretNames),
    ...(await checkWorkloads(resources, { root: ROOT, image, drainSeconds, secrets })),
    ...checkTransformers(
      resources,
      CONSUMERS,
      entities.map(({ name }) => name),
    ),
    ...apps
      .filter((app) => !resources.some(({ kind, metadata }) => kind === 'Service' && metadata.name === app))
      .map((app) => `apps/${app} is not deployed`),
  ];
  problems.push(...found.map((problem) => `k8s/${directory}: ${problem}`));
}

const read = new Set([...rendered.values()].flatMap(({ files }) => files));
for (const file of yamlBelow(K8S)) if (!read.has(file)) problems.push(`${relative(ROOT, file)} is in no kustomization`);

const compose = readComposeFile(join(ROOT, 'docker-compose.yml'));
problems.push(...(await checkCompose(compose, { root: ROOT, image: `banyan:${version}`, drainSeconds, apps })));
const described = readFileSync(join(ROOT, 'docs/reference/configuration.md'), 'utf8');
for (const name of compose.variables) {
  if (!described.includes(`\`${name}\``)) problems.push(`docs/reference/configuration.md does not describe ${name}`);
}

const [flag, kustomize] = process.argv.slice(2);
if (flag === '--kustomize' && kustomize !== undefined) {
  for (const [directory, { resources }] of rendered) {
    const found = differences(resources, join(K8S, directory), kustomize);
    problems.push(...found.map((problem) => `k8s/${directory}: ${problem}`));
  }
}

for (const problem of problems) process.stderr.write(`${problem}\n`);
const objects = [...rendered].map(([directory, { resources }]) => `${resources.length} objects of ${directory}`);
process.stdout.write(
  `${objects.join(', ')}, ${Object.keys(compose.services).length} services, ${problems.length} problems\n`,
);
process.exit(problems.length === 0 ? 0 : 1);

function foldersOf(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
}

function yamlBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ya?ml|env)$/.test(path))
    .map((path) => join(directory, path));
}
