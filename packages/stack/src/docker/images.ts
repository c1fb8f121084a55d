import type { ContainerRuntimeClient } from 'testcontainers';
import type { ServiceName } from '../stack.js';

/** The same versions as local processes and docker-compose.yml. */
const IMAGES: Readonly<Record<ServiceName, string>> = {
  kafka: 'apache/kafka:4.1.1',
  registry: 'apicurio/apicurio-registry-mem:2.6.13.Final',
  postgres: 'postgres:18',
};

const PULL_TIMEOUT_MS = 10 * 60_000;

/**
 * Makes sure that the images are there, fetching those that are not.
 * @returns why not, when one could not be had
 */
async function imagesMissing(
  runtime: ContainerRuntimeClient,
  only: readonly ServiceName[],
  say: (line: string) => void,
): Promise<string | undefined> {
  const { ImageName } = await import('testcontainers');
  for (const service of only) {
    const image = ImageName.fromString(IMAGES[service]);
    if (await runtime.image.exists(image)) continue;
    say(`fetching ${IMAGES[service]} with Docker, once`);
    try {
      await inTime(runtime.image.pull(image), PULL_TIMEOUT_MS);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return `Docker answers but cannot get ${IMAGES[service]} (${reason.split('\n')[0]})`;
    }
  }
  return undefined;
}

async function inTime(work: Promise<unknown>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${timeoutMs / 60_000} min`)), timeoutMs);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

export { IMAGES, imagesMissing };
