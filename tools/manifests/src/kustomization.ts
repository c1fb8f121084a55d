import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

/**
 * What this renderer knows of a kustomization. Every object is strict: a field that it does not know is refused, never passed
 * over, or what is checked here would not be what `kubectl apply -k` sends.
 */
const configMap = z.strictObject({
  name: z.string(),
  behavior: z.enum(['create', 'merge', 'replace']).default('create'),
  envs: z.array(z.string()).default([]),
  literals: z.array(z.string()).default([]),
});

const labels = z.strictObject({
  pairs: z.record(z.string(), z.string()),
  includeSelectors: z.boolean().default(false),
  includeTemplates: z.boolean().default(false),
});

const patch = z.strictObject({
  target: z.strictObject({ kind: z.string(), name: z.string().optional() }).optional(),
  patch: z.string(),
});

const kustomization = z.strictObject({
  apiVersion: z.enum(['kustomize.config.k8s.io/v1beta1', 'kustomize.config.k8s.io/v1alpha1']),
  kind: z.enum(['Kustomization', 'Component']),
  namespace: z.string().optional(),
  nameSuffix: z.string().optional(),
  resources: z.array(z.string()).default([]),
  components: z.array(z.string()).default([]),
  labels: z.array(labels).default([]),
  configMapGenerator: z.array(configMap).default([]),
  patches: z.array(patch).default([]),
  images: z.array(z.strictObject({ name: z.string(), newName: z.string(), newTag: z.string() })).default([]),
});

export type Kustomization = z.output<typeof kustomization>;
export type ConfigMapArgs = z.output<typeof configMap>;
export type LabelArgs = z.output<typeof labels>;
export type PatchArgs = z.output<typeof patch>;
export type ImageArgs = Kustomization['images'][number];

const FILE = 'kustomization.yaml';

export function isKustomization(directory: string): boolean {
  return existsSync(join(directory, FILE));
}

/** Throws with all that it does not understand of the file. */
export function readKustomization(directory: string): Kustomization {
  const result = kustomization.safeParse(parse(readFileSync(join(directory, FILE), 'utf8')));
  if (result.success) return result.data;
  throw new Error(`${join(directory, FILE)}: ${z.prettifyError(result.error)}`);
}
