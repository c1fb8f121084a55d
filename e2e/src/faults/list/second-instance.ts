import { freePorts } from '@banyan/stack/testing';
import type { ChildApp } from '../../child-app.js';
import { until } from '../../until.js';
import type { AppName, World } from '../../world.js';

export type Consuming = Extract<AppName, 'v2-projector' | 'legacy-porter'>;

export interface SecondInstance {
  readonly app: ChildApp;
  readonly url: string;
}

/** One more process of an app beside that of the world, in its groups when this resolves. Whoever starts it ends it. */
export async function startSecond(world: World, name: Consuming): Promise<SecondInstance> {
  const [port = 0] = await freePorts(1);
  const app = world.another(name, { PORT: String(port), INSTANCE_NAME: `${name}-1` });
  const url = `http://127.0.0.1:${port}`;
  try {
    await app.start();
    await ready(name, url);
  } catch (error) {
    await app.kill();
    throw error;
  }
  return { app, url };
}

export function ready(name: string, url: string): Promise<boolean> {
  return until(`${name} at ${url} is ready`, async () => {
    try {
      return (await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) })).ok || undefined;
    } catch {
      return undefined;
    }
  });
}
