import type { World } from '../world.js';

/** What new-api's canary has found since that process began. */
export interface AcksReadBack {
  readonly same: number;
  /** Another record, or none, lay where one was acknowledged. */
  readonly lost: number;
}

export async function acksReadBack(world: World): Promise<AcksReadBack> {
  const metrics = await (await fetch(`${world.urls['new-api']}/metrics`)).text();
  const reads = new Map(
    [...metrics.matchAll(/^banyan_api_canary_reads_total\{verdict="(\w+)"\} (\d+)$/gm)].map(([, verdict, count]) => [
      verdict,
      Number(count),
    ]),
  );
  const of = (verdict: string) => reads.get(verdict) ?? 0;
  return { same: of('same'), lost: of('other') + of('missing') };
}
