import type { World } from './world.js';

export interface ProxyStatus {
  readonly entities: Readonly<Record<string, { readonly gate: string; readonly held: number }>>;
  /** Mode by route. */
  readonly reads: Readonly<Record<string, string>>;
  readonly ports: Readonly<Record<string, string>>;
}

export async function proxyStatus(world: Pick<World, 'cliEnv'>): Promise<ProxyStatus> {
  const answer = await fetch(`${world.cliEnv.PROXY_ADMIN_URL}/internal/status`);
  return (await answer.json()) as ProxyStatus;
}

/** How many comparisons behind answers ended with which verdict: `same`, `mended`, `different`, `dropped`, `failed`. */
export function comparisonsByVerdict(world: Pick<World, 'cliEnv'>): Promise<ReadonlyMap<string, number>> {
  return counted(world, 'banyan_proxy_comparisons_total', 'verdict');
}

/** How many reads were answered by whom: `legacy`, `shadow`, `new`, `fallback`, `gone`, `refused`. */
export function readsByWay(world: Pick<World, 'cliEnv'>): Promise<ReadonlyMap<string, number>> {
  return counted(world, 'banyan_proxy_reads_total', 'way');
}

/** Sums of a counter by one of its labels. */
async function counted({ cliEnv }: Pick<World, 'cliEnv'>, metric: string, label: string): Promise<Map<string, number>> {
  const text = await (await fetch(`${cliEnv.PROXY_ADMIN_URL}/metrics`)).text();
  const counts = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (!line.startsWith(`${metric}{`)) continue;
    const value = new RegExp(`${label}="([^"]*)"`).exec(line)?.[1] ?? '';
    counts.set(value, (counts.get(value) ?? 0) + Number(line.slice(line.lastIndexOf(' '))));
  }
  return counts;
}
