import { containersOf, type Resource, templateOf } from './resource.js';

/**
 * Every consumer app runs each entity once: as one workload for all, or as several that name theirs and leave none out. Two
 * workloads with the same entity would share its partitions, which is what replicas are for.
 */
export function checkTransformers(
  resources: readonly Resource[],
  apps: readonly string[],
  entities: readonly string[],
): readonly string[] {
  return apps.flatMap((app) => {
    const containers = resources
      .flatMap((one) => templateOf(one) ?? [])
      .flatMap(containersOf)
      .filter(({ args }) => args?.[0] === `apps/${app}/dist/main.js`);
    const run = containers.flatMap(({ env }) => {
      const named = env?.find(({ name }) => name === 'TRANSFORMERS')?.value;
      return named === undefined ? entities : named.split(',');
    });
    return [...new Set([...entities, ...run])].flatMap((entity) => {
      const times = run.filter((one) => one === entity).length;
      if (!entities.includes(entity)) return [`${app} is to run ${entity}, which is not being migrated`];
      return times === 1 ? [] : [`${app} runs ${entity} in ${times} workloads`];
    });
  });
}
