import { isBanyanError } from '@banyan/core';
import { logger } from './logger.js';
import type { RunningApp } from './run-app.js';

/** Longest time from SIGTERM to the exit, milliseconds. */
export const DRAIN_MS = 10_000;

/**
 * An app as a process: `main.ts` is `await runMain('new-api', () => startNewApi(readConfig()))`.
 *
 * - A start that fails is one log line (code, message with its remedy) and exit code 1.
 * - SIGTERM and SIGINT drain and exit with 0; after 10 s, or at a second signal, with 1.
 * - An exception that nobody caught ends the process with 1: its state is unknown, and everything here can be started again.
 */
export async function runMain(name: string, start: () => Promise<RunningApp>): Promise<void> {
  const log = logger(name);
  const fail = (error: unknown, message: string): never => {
    log.fatal(failure(error), message);
    process.exit(1);
  };
  process.on('uncaughtException', (error) => fail(error, `crashed: ${messageOf(error)}`));
  process.on('unhandledRejection', (error) => fail(error, `crashed: ${messageOf(error)}`));

  let stopping = false;
  let running: RunningApp | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(1);
    stopping = true;
    // Nothing is served yet, so nothing needs to be drained.
    if (running === undefined) process.exit(0);
    log.info({ signal }, 'draining');
    setTimeout(() => fail(undefined, `did not drain within ${DRAIN_MS} ms`), DRAIN_MS).unref();
    running.close().then(
      () => {
        log.info('stopped');
        process.exit(0);
      },
      (error: unknown) => fail(error, `stopping failed: ${messageOf(error)}`),
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);

  try {
    running = await start();
  } catch (error) {
    fail(error, messageOf(error));
  }
}

/** Errors raised on purpose say what to do: a stack would only hide that. Others need it. */
function failure(error: unknown): object {
  if (isBanyanError(error)) return { code: error.code, ...causeOf(error) };
  return error === undefined ? {} : { code: 'SERVICE_INTERNAL', err: error };
}

function causeOf(error: Error): object {
  return error.cause === undefined ? {} : { cause: messageOf(error.cause) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
