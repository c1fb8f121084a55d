/** What one part of an app says of itself. Cheap and without side effects: it is asked every few seconds. */
export interface HealthCheck {
  readonly name: string;
  /** Not ok = restart me; only what a restart can mend. */
  live?(): HealthResult | Promise<HealthResult>;
  /** Not ok = send me no traffic for now. */
  ready?(): HealthResult | Promise<HealthResult>;
}

export interface HealthResult {
  readonly ok: boolean;
  /** For a person: what is wrong and since when. */
  readonly reason?: string;
}

export interface HealthReport {
  readonly status: 'ok' | 'failed';
  readonly checks: readonly (HealthResult & { readonly name: string })[];
}

/** Asks all checks. One that throws is not ok, with its message as the reason. */
export async function report(checks: readonly HealthCheck[], kind: 'live' | 'ready'): Promise<HealthReport> {
  const asked = checks.filter((check) => check[kind] !== undefined);
  const results = await Promise.all(
    asked.map(async (check) => {
      try {
        return { name: check.name, ...((await check[kind]?.()) ?? { ok: true }) };
      } catch (error) {
        return { name: check.name, ok: false, reason: error instanceof Error ? error.message : String(error) };
      }
    }),
  );
  return { status: results.every((result) => result.ok) ? 'ok' : 'failed', checks: results };
}
