import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BanyanError } from '@banyan/core';
import { POM } from '../checkout.js';
import type { StackConfig } from '../config.js';
import { withLock } from '../ownership/lock.js';
import { prerequisiteMissing } from '../prerequisite.js';
import { type Finished, run } from './run.js';

/** Where Kafka's and the registry's jars are. */
interface Artefacts {
  readonly kafkaJars: string;
  readonly registryJar: string;
}

const DOWNLOAD_TIMEOUT_MS = 15 * 60_000;

/**
 * Kafka and the registry from the user's cache, where they are put by Maven when they are not there yet. The folder's name is
 * the hash of the pom, so another version is another folder, and a folder that exists is complete.
 * @throws BanyanError `STACK_PREREQUISITE_MISSING` without Maven, `STACK_DOWNLOAD_FAILED` when Maven could not fetch them.
 */
async function javaArtefacts(config: StackConfig, say: (line: string) => void, pom = POM): Promise<Artefacts> {
  const version = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12);
  const directory = join(config.cacheDirectory, `java-${version}`);
  if (existsSync(directory)) return artefactsIn(directory);
  await mkdir(config.cacheDirectory, { recursive: true });
  // Not needed for safety, the rename is enough for that; but ten starts at once need not download ten times.
  await withLock(join(config.cacheDirectory, `java-${version}.lock`), async () => {
    if (!existsSync(directory)) await download(pom, directory, config, say);
  });
  return artefactsIn(directory);
}

async function download(
  pom: string,
  directory: string,
  config: StackConfig,
  say: (line: string) => void,
): Promise<void> {
  const partial = join(config.cacheDirectory, `.partial-${randomUUID()}`);
  say('fetching Kafka and the registry with Maven, once (about 200 MB)');
  try {
    const args = ['-B', '-ntp', '-q', '-f', pom, `-Dstack.directory=${partial}`, 'generate-resources'];
    const finished = await run('mvn', args, { timeoutMs: DOWNLOAD_TIMEOUT_MS, cwd: config.cacheDirectory });
    if (finished.missing) throw prerequisiteMissing('Maven (mvn) was not found on PATH');
    if (finished.code !== 0) throw downloadFailed(finished);
    // Complete or not there: a start that is killed in the middle leaves nothing that looks finished.
    await rename(partial, directory);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

function downloadFailed({ output }: Finished): BanyanError {
  const reason = output.split('\n').find((line) => line.includes('ERROR')) ?? output.slice(0, 500);
  return new BanyanError(
    'STACK_DOWNLOAD_FAILED',
    `Maven could not fetch Kafka and the registry: ${reason.trim()}. Look at the network, or at the mirror in ~/.m2/settings.xml, or start Docker.`,
    { retryable: true, data: { output } },
  );
}

function artefactsIn(directory: string): Artefacts {
  const registry = join(directory, 'registry');
  const jar = readdirSync(registry).find((file) => file.endsWith('-runner.jar'));
  if (jar === undefined) {
    throw new BanyanError('STACK_DOWNLOAD_FAILED', `No registry in ${directory}; remove that folder and start again.`);
  }
  return { kafkaJars: join(directory, 'kafka'), registryJar: join(registry, jar) };
}

export { type Artefacts, javaArtefacts };
