import type { Container, Resource } from '../resource.js';

export const SERVICE: Resource = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'worker' },
  spec: { selector: { app: 'worker' }, ports: [{ port: 8080, targetPort: 'http' }] },
};

const probe = (path: string) => ({ httpGet: { path, port: 'http' } });

export const CONTAINER: Container = {
  name: 'worker',
  image: 'banyan:1.0.0',
  args: ['apps/worker/dist/main.js'],
  env: [
    { name: 'PORT', value: '8080' },
    { name: 'DATABASE', value: 'here' },
  ],
  ports: [{ name: 'http', containerPort: 8080 }],
  startupProbe: probe('/health/live'),
  livenessProbe: probe('/health/live'),
  readinessProbe: probe('/health/ready'),
  resources: { limits: { memory: '1Gi' } },
  securityContext: { readOnlyRootFilesystem: true },
};

export function workload(container: Partial<Container> = {}, pod: object = {}, labels = { app: 'worker' }): Resource {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'worker' },
    spec: {
      selector: { matchLabels: { app: 'worker' } },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 30,
          securityContext: { runAsNonRoot: true, runAsUser: 1000 },
          containers: [{ ...CONTAINER, ...container }],
          ...pod,
        },
      },
    },
  };
}
