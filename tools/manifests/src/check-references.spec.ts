import { describe, expect, it } from '@jest/globals';
import { checkReferences } from './check-references.js';
import type { Resource } from './resource.js';
import { SERVICE, workload } from './testing/workload.js';

const check = (...resources: readonly Resource[]) => checkReferences(resources, new Set(['made-elsewhere']));

const budget = (name: string, app = 'worker'): Resource => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name },
  spec: { selector: { matchLabels: { app } } },
});

describe('what objects say of each other', () => {
  it('holds for a workload with its Service and its budget', () => {
    expect(check(workload(), SERVICE, budget('one'))).toEqual([]);
  });

  it('knows the Secrets that environments make', () => {
    expect(check(workload({ envFrom: [{ secretRef: { name: 'made-elsewhere' } }] }))).toEqual([]);
    expect(check(workload({ envFrom: [{ secretRef: { name: 'nowhere' } }] }))).toEqual([
      'Deployment worker names Secret nowhere, which is not there',
    ]);
  });

  it.each([
    ['a ConfigMap', workload({ envFrom: [{ configMapRef: { name: 'a' } }] }), 'names ConfigMap a'],
    ['a service account', workload({}, { serviceAccountName: 'a' }), 'names ServiceAccount a'],
    ['its own pods', workload({}, {}, { app: 'other' }), 'does not select its own pods'],
  ])('misses %s', (_, resource, problem) => {
    expect(check(resource).join()).toContain(problem);
  });

  it('finds a Service without pods, and one whose port they do not have', () => {
    expect(check(SERVICE)).toEqual(['Service worker selects no pods']);
    expect(check(workload({ ports: [{ name: 'web', containerPort: 80 }] }), SERVICE)).toEqual([
      'Service worker is about port http, which Deployment worker does not have',
    ]);
  });

  it('finds a policy that lets a port in which the pods do not have', () => {
    const policy: Resource = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'policy' },
      spec: {
        podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['worker', 'other'] }] },
        ingress: [{ ports: [{ port: 'admin' }] }],
      },
    };
    expect(check(workload(), policy)).toEqual([
      'NetworkPolicy policy is about port admin, which Deployment worker does not have',
    ]);
  });

  it('finds pods with two budgets, which nobody could evict', () => {
    expect(check(workload(), budget('one'), budget('two'))).toEqual([
      'PodDisruptionBudget two and PodDisruptionBudget one are of the same pods',
    ]);
  });

  it('finds a workload that selects the pods of another', () => {
    const other = { ...workload(), metadata: { name: 'other' } };
    expect(check(workload(), other)).toContain('Deployment worker also selects the pods of Deployment other');
  });
});
