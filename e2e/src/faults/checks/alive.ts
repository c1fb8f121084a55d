import { until } from '../../until.js';
import { APPS } from '../../world.js';
import type { Finding } from '../finding.js';
import type { Check } from './check.js';

const WITHIN_MS = 30_000;

/** P12: who works says so, and nobody else does. */
export const allAlive: Check = async ({ world }) => {
  const found = await Promise.all(
    APPS.map(async (app): Promise<readonly Finding[]> => {
      const url = app === 'legacy-api-proxy' ? (world.cliEnv.PROXY_ADMIN_URL ?? '') : world.urls[app];
      let said = 'nothing';
      const well = async () => {
        const answers = await Promise.all(['live', 'ready'].map((path) => ask(`${url}/health/${path}`)));
        said = answers.map(({ status, body }) => `${status} ${body}`).join(', ');
        return answers.every(({ status }) => status === 200) ? true : undefined;
      };
      return until(app, well, WITHIN_MS).then(
        () => [],
        () => [{ promise: 'P12', kind: 'other', what: `${app} is not well ${WITHIN_MS / 1_000} s later: ${said}` }],
      );
    }),
  );
  return found.flat();
};

async function ask(url: string): Promise<{ readonly status: number; readonly body: string }> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    return { status: answer.status, body: await answer.text() };
  } catch (error) {
    return { status: 0, body: String(error) };
  }
}
