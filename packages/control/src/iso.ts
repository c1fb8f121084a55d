/** The range of a Date; a writer's nonsense must not stop the fold. */
const MAX_MS = 8_640_000_000_000_000;

/** @param ms since 1970 UTC */
export function isoAt(ms: number): string {
  return new Date(Number.isFinite(ms) ? Math.max(-MAX_MS, Math.min(MAX_MS, ms)) : 0).toISOString();
}
