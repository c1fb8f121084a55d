import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { StackConfig } from '../config.js';
import { prerequisiteMissing } from '../prerequisite.js';
import { run } from './run.js';

const LOWEST_JAVA = 17;

/** No statistics file, which would stay in the temporary directory after a kill -9. */
const JVM: readonly string[] = ['-XX:-UsePerfData', '-Djava.awt.headless=true'];

/**
 * The `java` command to use: of JAVA_HOME, else on PATH.
 * @throws BanyanError `STACK_PREREQUISITE_MISSING` when there is none, or only one older than 17.
 */
async function findJava(config: Pick<StackConfig, 'javaHome'>): Promise<string> {
  const home = config.javaHome === undefined ? undefined : join(config.javaHome, 'bin', 'java');
  const java = home !== undefined && existsSync(home) ? home : 'java';
  const { code, output } = await run(java, ['-version'], { timeoutMs: 20_000 });
  const version = javaVersion(output);
  if (code !== 0 || version === undefined) throw prerequisiteMissing('Java was not found (JAVA_HOME, PATH)');
  if (version < LOWEST_JAVA) throw prerequisiteMissing(`Java is version ${version}, and ${LOWEST_JAVA} is needed`);
  return java;
}

/** The feature version in what `java -version` prints; 8 where it says `1.8.0`. */
function javaVersion(output: string): number | undefined {
  const match = /version "(?:1\.)?(\d+)/.exec(output);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

export { findJava, JVM, javaVersion };
