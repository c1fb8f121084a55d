import { describe, expect, it } from '@jest/globals';
import type { Resource } from './resource.js';
import { schemaProblems } from './schema-check.js';

function deployment(container: object, more: object = {}): Resource {
  const labels = { app: 'a' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'a' },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'a', image: 'a:1', ...container }] } },
      ...more,
    },
  };
}

describe('the schema of a kind', () => {
  it('passes what is right, maps of anything included', async () => {
    const container = {
      resources: { limits: { memory: '1Gi', 'example.com/gpu': 1 } },
      env: [{ name: 'A', value: 'b' }],
    };
    expect(await schemaProblems(deployment(container))).toEqual([]);
  });

  it.each([
    ['a wrong type', deployment({ env: [{ name: 'A', value: 1 }] }), '/spec/template/spec/containers/0/env/0/value'],
    ['a word that is none of its', deployment({ imagePullPolicy: 'Sometimes' }), 'imagePullPolicy'],
    ['what is required and missing', deployment({}, { selector: undefined }), 'selector'],
  ])('refuses %s', async (_, resource, where) => {
    expect((await schemaProblems(resource)).join()).toContain(where);
  });

  it.each([
    [
      'a misspelt field',
      deployment({ livenesProbe: {} }),
      '/spec/template/spec/containers/0 has no field livenesProbe',
    ],
    ['a field in the wrong place', deployment({}, { terminationGracePeriodSeconds: 30 }), '/spec has no field'],
  ])('refuses %s, as the API server does', async (_, resource, problem) => {
    expect((await schemaProblems(resource)).join()).toContain(problem);
  });

  it('refuses a kind that its version does not have', async () => {
    expect(await schemaProblems({ ...deployment({}), apiVersion: 'apps/v9' })).toEqual([
      'there is no Deployment in apps/v9',
    ]);
  });
});
