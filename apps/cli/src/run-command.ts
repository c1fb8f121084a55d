import { BanyanError, isBanyanError } from '@banyan/core';
import { readConfig } from './config.js';
import { Connections } from './connections.js';
import { EXIT, exitCodeOf } from './exit-codes.js';
import { createTalk, type Talk } from './talk.js';

export interface CommandContext {
  readonly connections: Connections;
  readonly talk: Talk;
  /** True once somebody pressed Ctrl-C: stop at the next point from which the work can go on. */
  interrupted(): boolean;
}

/** Runs a command with its connections; the number it resolves with is the exit code. A second Ctrl-C ends at once. */
export async function runCommand(
  options: { json?: boolean },
  work: (context: CommandContext) => Promise<number>,
): Promise<void> {
  const talk = createTalk(options.json === true);
  let interruptions = 0;
  const onSignal = () => {
    interruptions += 1;
    if (interruptions > 1) process.exit(EXIT.interrupted);
    talk.say('stopping at the next safe point; once more ends at once');
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  let connections: Connections | undefined;
  try {
    connections = new Connections(readConfig());
    process.exitCode = await work({ connections, talk, interrupted: () => interruptions > 0 });
  } catch (error) {
    process.exitCode = tellError(talk, error);
  } finally {
    await connections?.close();
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

export function tellError(talk: Talk, error: unknown): number {
  const known = isBanyanError(error) ? error : undefined;
  const message = error instanceof Error ? error.message : String(error);
  const code = known?.code ?? 'CLI_UNEXPECTED';
  talk.say(`${code}: ${message}`);
  if (known === undefined && error instanceof Error && error.stack !== undefined) talk.say(error.stack);
  if (talk.json) process.stdout.write(`${JSON.stringify({ error: { code, message, data: known?.data ?? {} } })}\n`);
  return exitCodeOf(code);
}

/** Production is changed only by somebody who can name it. Throws `CLI_ENVIRONMENT_NOT_CONFIRMED`. */
export function requireConfirmed(environment: string, confirmed: string | undefined): void {
  if (environment === 'local' || confirmed === environment) return;
  throw new BanyanError(
    'CLI_ENVIRONMENT_NOT_CONFIRMED',
    `This changes ${environment}. If that is what you want, add --confirm ${environment}.`,
    { data: { environment, confirmed } },
  );
}
